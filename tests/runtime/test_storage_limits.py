"""`--strict-limits`: what production's storage refuses, with the texts of workerd's own engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box

Open = Callable[..., Any]

SOURCE = """
    class Object(DurableObject):
        async def do(self, operation, *arguments, transaction=False):
            if transaction:
                async def closure(txn):
                    return await self.run(txn, operation, *arguments)
                return await self.ctx.storage.transaction(closure)
            return await self.run(self.ctx.storage, operation, *arguments)

        async def run(self, storage, operation, kind, size):
            key, text = "k" * size, "x" * size
            names = [f"k{number}" for number in range(size)]
            arguments = {
                "key": (key,),
                "key and value": (key, 1),
                "keys": (to_js(["a", key]),),
                "entries": (entries({"a": 1, key: 1}),),
                "many keys": (to_js(names),),
                "one key often": (to_js(["a"] * size),),
                "many entries": (entries(dict.fromkeys(names, 1)),),
                "text": ("v", text),
                "wide text": ("v", "é\\u4e2d" * (size // 2)),
                "bytes": ("v", to_js(bytes(size))),
                "value among others": (entries({"a": 1, "v": text}),),
            }[kind]
            result = await outcome(getattr(storage, operation)(*arguments))
            return result if isinstance(result, str) else "ok"

        async def in_transaction(self, operation, kind, size):
            return await self.do(operation, kind, size, transaction=True)

        async def stored(self):
            return len(await self.ctx.storage.list())


    def entries(mapping):
        return to_js(mapping, dict_converter=JsObject.fromEntries)
"""
LONG_KEY = "RangeError: Keys cannot be larger than 2048 bytes. A key of size 2049 was provided."
MANY = "RangeError: Maximum number of key value pairs is 128. 129 pairs were provided."


def large(size: int) -> str:
    return (
        "RangeError: Values cannot be larger than 131072 bytes. "
        f"A value of size {size} was provided."
    )


@pytest.fixture
def strict(worker: Open) -> Box:
    return Box(worker, SOURCE, strict_limits=True)


@pytest.mark.parametrize("operation", ["get", "delete"])
def test_a_key_has_at_most_2048_bytes(strict: Box, operation: str) -> None:
    assert strict.call("do", operation, "key", 2048) == "ok"
    assert strict.call("do", operation, "key", 2049) == LONG_KEY
    assert strict.call("in_transaction", operation, "key", 2049) == LONG_KEY


def test_keys_that_are_put_or_deleted_together_have_the_same_limit(strict: Box) -> None:
    assert strict.call("do", "put", "key and value", 2048) == "ok"
    assert strict.call("do", "put", "key and value", 2049) == LONG_KEY
    assert strict.call("do", "put", "entries", 2049) == LONG_KEY
    assert strict.call("do", "delete", "keys", 2049) == LONG_KEY
    assert strict.call("do", "get", "keys", 2049) == "ok"


@pytest.mark.parametrize("kind", ["many keys", "one key often"])
def test_at_most_128_keys_are_got_at_once(strict: Box, kind: str) -> None:
    assert strict.call("do", "get", kind, 128) == "ok"
    assert strict.call("do", "get", kind, 129) == MANY
    assert strict.call("in_transaction", "get", kind, 129) == MANY


def test_more_may_be_put_and_deleted_at_once(strict: Box) -> None:
    assert strict.call("do", "put", "many entries", 129) == "ok"
    assert strict.call("do", "delete", "many keys", 129) == "ok"


@pytest.mark.parametrize(
    ("kind", "fits", "too_large", "size"),
    [
        ("text", 131_100, 131_101, 131_107),
        ("bytes", 131_093, 131_094, 131_107),
        ("wide text", 65_550, 65_552, 131_110),
    ],
)
def test_a_value_has_at_most_128_kib_as_v8_serializes_it(
    strict: Box, kind: str, fits: int, too_large: int, size: int
) -> None:
    assert strict.call("do", "put", kind, fits) == "ok"
    assert strict.call("do", "put", kind, too_large) == large(size)


def test_nothing_is_stored_when_one_of_several_values_is_too_large(strict: Box) -> None:
    assert strict.call("do", "put", "value among others", 140_000) == large(140_006)
    assert strict.call("stored") == 0


def test_a_transaction_accepts_larger_values(strict: Box) -> None:
    assert strict.call("in_transaction", "put", "text", 140_000) == "ok"


@pytest.mark.parametrize("sqlite", [False, True])
def test_without_strict_limits_local_limits_hold(worker: Open, sqlite: bool) -> None:
    box = Box(worker, SOURCE, sqlite=sqlite)
    assert box.call("do", "put", "key and value", 2049) == "ok"
    assert box.call("do", "get", "many keys", 129) == "ok"
    assert box.call("do", "put", "text", 3_000_000) == "ok"


def test_sqlite_backed_objects_have_rows_of_two_megabytes(worker: Open) -> None:
    box = Box(worker, SOURCE, sqlite=True, strict_limits=True)
    assert box.call("do", "put", "text", 2_000_000) == "ok"
    assert box.call("do", "put", "text", 2_100_000) == (
        "Error: string or blob too big: SQLITE_TOOBIG"
    )
    assert box.call("do", "put", "key and value", 2049) == "ok"
