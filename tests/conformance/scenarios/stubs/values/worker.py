import datetime
import math
from urllib.parse import urlsplit

import js
from pyodide.ffi import to_js
from workers import DurableObject, Response, WorkerEntrypoint

SHARED = {"a": 1}


def nested(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


VALUES = {
    "undefined": lambda: None,
    "nothing": lambda: None,
    "yes": lambda: True,
    "no": lambda: False,
    "zero": lambda: 0,
    "one": lambda: 1,
    "negative": lambda: -5,
    "fraction": lambda: 1.5,
    "tiny": lambda: 5e-324,
    "most": lambda: 1.7976931348623157e308,
    "infinity": lambda: math.inf,
    "nan": lambda: math.nan,
    "safe": lambda: 2**53 - 1,
    "text": lambda: "text",
    "empty": lambda: "",
    "unicode": lambda: "hé😀\0",
    "longText": lambda: "x" * 100000,
    "list": lambda: [1, "a", None, [True]],
    "emptyList": list,
    "object": lambda: {"a": 1, "b": {"c": [2]}},
    "emptyObject": dict,
    "numericKeys": lambda: {2: "b", 1: "a", "x": "c"},
    "nulls": lambda: {"a": None, "b": [None]},
    "map": lambda: js.Map.new([["k", 1], ["l", to_js([2])]]),
    "set": lambda: {1, "a"},
    "emptySet": set,
    "date": lambda: datetime.datetime.fromtimestamp(86400, datetime.UTC),
    "bytes": lambda: b"\x01\x02\xff",
    "noBytes": lambda: b"",
    "buffer": lambda: to_js(b"\x07\x08").buffer,
    "words": lambda: js.Uint16Array.new(to_js([1, 256])),
    "floats": lambda: js.Float64Array.new(to_js([1.5])),
    "slice": lambda: to_js(b"\x01\x02\x03\x04").subarray(1, 3),
    "shared": lambda: [SHARED, SHARED],
    "error": lambda: Exception("an error value"),
    "deep": lambda: nested(100),
}


def describe(value):
    match value:
        case None:
            return "none"
        case bool():
            return f"boolean {str(value).lower()}"
        case int() | float():
            return f"number {js.String(value)}"
        case str():
            return f"string {len(value)}" if len(value) > 100 else f"string {value}"
        case list():
            return ["list", *map(describe, value)]
        case set():
            return ["set", *sorted(map(describe, value))]
        case datetime.datetime():
            return f"date {value.timestamp() * 1000:.0f}"
        case Exception():
            return f"error {str(value).removeprefix('Error: ')}"
        case dict():
            return ["object", *([key, describe(item)] for key, item in value.items())]
        case memoryview():
            return f"bytes {','.join(f'{item:g}' for item in value)}"
    return repr(value)


def depth(value):
    levels = 0
    while isinstance(value, list):
        levels += 1
        value = value[0] if value else None
    return levels


def described(key, value):
    return depth(value) if key == "deep" else describe(value)


class Subject(DurableObject):
    async def describe(self, key, value):
        return described(key, value)

    async def make(self, key):
        return VALUES[key]()

    async def echo(self, value):
        return value

    async def sameTwice(self, items):
        items[0]["a"] = 5
        return items[1]["a"]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        path = urlsplit(request.url).path
        out = {}
        for key, make in VALUES.items():
            if path == "/arguments":
                out[key] = await stub.describe(key, make())
            elif path == "/results":
                out[key] = described(key, await stub.make(key))
            else:
                out[key] = described(key, await stub.echo(make()))
        out["sameTwice"] = await stub.sameTwice([SHARED, SHARED])
        out["untouched"] = SHARED["a"]
        return Response.json(out)
