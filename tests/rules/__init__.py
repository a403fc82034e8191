"""The rules of Durable Objects, and which test shows each: `python -m tests.rules` writes the table.

`rules.toml` has the numbers with a few words each, `untested.toml` the rules that no test shows and
why. A test names its rules with `@pytest.mark.rule("IG-3", ...)`, a scenario of tests/conformance
with `spec`. docs/durable-object-rules.md is made of them, and a test keeps it so.
"""
