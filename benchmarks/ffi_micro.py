"""How long the FFI's hot paths take: `python benchmarks/ffi_micro.py`.

The SDK makes about thirty attribute reads and fifteen calls through handles per request.
"""

from __future__ import annotations

import timeit

import emulator.ffi  # noqa: F401 - completes the translation
from emulator.ffi.to_js import to_js
from emulator.ffi.translate import js_to_py
from emulator.js.define import getter, method
from emulator.js.object import JsObject

BUDGET_US = 1.5
ROUNDS = 200_000


class Sample(JsObject, name="Sample"):
    """An object with one of everything."""

    @getter
    def url(self) -> str:
        return "http://x/"

    @method
    def get(self, name: object = None) -> object:
        return name


def measure(label: str, statement: str, scope: dict[str, object]) -> float:
    """Microseconds per run, the best of five."""
    best = min(timeit.repeat(statement, globals=scope, number=ROUNDS, repeat=5))
    each_us = best / ROUNDS * 1e6
    print(f"{label:32} {each_us:6.2f} us")
    return each_us


def main() -> None:
    scope = {"x": js_to_py(Sample()), "to_js": to_js, "d": {"a": 1, "b": [1, "x"]}}
    scope["o"] = to_js(scope["d"])
    measure("attribute: string", "x.url", scope)
    measure("attribute: method", "x.get", scope)
    measure("constructor.name", "x.constructor.name", scope)
    measure("hasattr(str, 'constructor')", "hasattr('', 'constructor')", scope)
    total_us = measure("method call", "x.get('a')", scope)
    measure("to_js of a small dict", "to_js(d)", scope)
    measure("to_py of a small object", "o.to_py()", scope)
    print("within budget" if total_us <= BUDGET_US else f"over the budget of {BUDGET_US} us")


if __name__ == "__main__":
    main()
