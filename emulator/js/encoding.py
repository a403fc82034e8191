"""Text encoding (being written)."""

from __future__ import annotations

from emulator.js.object import JsObject


class TextEncoder(JsObject, name="TextEncoder"):
    pass


class TextDecoder(JsObject, name="TextDecoder"):
    pass
