"""Tools for testing Workers, and pyworkers itself."""
