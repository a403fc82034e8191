"""`ByteLengthQueuingStrategy` and `CountQueuingStrategy`.

Source: Streams standard, section 6.
"""

from __future__ import annotations

import math

from emulator.js.convert import get_option, to_number
from emulator.js.define import getter
from emulator.js.object import JsObject, NativeFunction
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_constructor_parameter

_count = NativeFunction("size", lambda this, chunk=None: 1)
_byte_length = NativeFunction("size", lambda this, chunk=None: get_option(chunk, "byteLength"))


class _QueuingStrategy(JsObject):
    """What both have: a high water mark, and a size function shared by all instances."""

    __slots__ = ("_high_water_mark",)

    def __init__(self, high_water_mark: float) -> None:
        super().__init__()
        self._high_water_mark = high_water_mark

    @classmethod
    def js_new(cls, init: JsValue = None) -> JsValue:
        if not isinstance(init, JsObject):
            raise wrong_constructor_parameter(cls.js_class_name, 1, "QueuingStrategyInit")
        mark = get_option(init, "highWaterMark")
        return cls(math.nan if mark is None else to_number(mark))

    @getter
    def highWaterMark(self) -> float:
        return self._high_water_mark


class ByteLengthQueuingStrategy(_QueuingStrategy, name="ByteLengthQueuingStrategy"):
    """Counts bytes: a chunk's size is its `byteLength`."""

    __slots__ = ()

    @getter
    def size(self) -> JsValue:
        return _byte_length


class CountQueuingStrategy(_QueuingStrategy, name="CountQueuingStrategy"):
    """Counts chunks: every chunk's size is one."""

    __slots__ = ()

    @getter
    def size(self) -> JsValue:
        return _count
