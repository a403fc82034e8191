"""Whatever the bytes: a config or a `ConfigError`, nothing else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.config import ConfigError, parse_config, render
from emulator.config.node import json_text
from emulator.config.schema import KEYS_OF_TOP_LEVEL
from tests.config.samples import DURABLE_OBJECTS, HEAD, KV, QUEUES, TODAY, VARS

REGISTRY = (DURABLE_OBJECTS, VARS, KV, QUEUES)
NAMES = st.sampled_from(["wrangler.toml", "wrangler.json", "wrangler.jsonc"])

_keys = st.sampled_from(
    [
        *sorted(KEYS_OF_TOP_LEVEL),
        "bindings",
        "producers",
        "crons",
        "exclude",
        "required",
        "binding",
        "name",
        "class_name",
        "tag",
        "prod",
        "new_sqlite_classes",
        "renamed_classes",
        "from",
        "to",
        "type",
        "storage",
        "state",
        "command",
        "watch_dir",
    ]
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 99999)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "w", "src/entry.py", "2026-01-01", "python_workers", "\0.py", "é"])
)
_trees = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=15,
)


def check(data: bytes, name: str, env: str | None = None) -> None:
    try:
        loaded = parse_config(data, Path(name), env=env, registry=REGISTRY, today=TODAY)
    except ConfigError as error:
        found, rendering = error.diagnostics, str(error)
    else:
        found, rendering = loaded.warnings, render(loaded.warnings)
        assert all(each.severity == "warning" for each in found)
    assert rendering == render(found)


@given(data=st.binary(max_size=80), name=NAMES)
def test_any_bytes_are_a_config_or_a_config_error(data: bytes, name: str) -> None:
    check(data, name)


@given(data=st.binary(max_size=20), at=st.integers(0, len(HEAD)))
def test_bytes_put_into_a_config_make_a_config_or_a_config_error(data: bytes, at: int) -> None:
    check(HEAD[:at].encode() + data + HEAD[at:].encode(), "wrangler.toml")


@settings(max_examples=300)
@given(tree=st.dictionaries(_keys, _trees, max_size=8), env=st.sampled_from([None, "prod"]))
def test_known_keys_with_any_values_make_a_config_or_a_config_error(
    tree: dict[str, object], env: str | None
) -> None:
    check(json_text(tree).encode(), "wrangler.jsonc", env)
