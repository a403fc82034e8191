"""The FFI against the real Pyodide: the same Python snippets, statement by statement."""
