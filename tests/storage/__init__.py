"""Tests of `emulator.storage`, and of the faulty disk it is tested with."""
