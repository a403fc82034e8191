"""The things a Worker finds on `env`: one module each, and one line each in the registry."""
