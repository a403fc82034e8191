"""Whole-system runs under a seed: scheduling, faults, crashes and clients all follow from one number."""
