"""From a main module on disk to entrypoints that the runtime can call."""
