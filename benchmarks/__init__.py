"""How fast pyworkers is beside its peers on this machine: see README.md."""
