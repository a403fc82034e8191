"""The same Worker in JavaScript on the real workerd and in Python on pyworkers: see README.md."""
