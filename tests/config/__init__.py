"""Tests of emulator.config and of the binding parsers that need nothing else."""
