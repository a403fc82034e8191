"""Functions of the global object: number parsing, URI coding, structuredClone.

`FUNCTIONS` maps each name to its function object.

Source: ECMA-262, 19.2; HTML, structured data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote as percent_encode

from emulator.js.clone import structured_clone
from emulator.js.convert import to_integer, to_number, to_string
from emulator.js.errors import JsThrow, JsURIError, type_error
from emulator.js.number_text import parse_float, parse_int
from emulator.js.object import NativeFunction
from emulator.js.values import MISSING, JsValue

MALFORMED = "URI malformed"
NO_VALUE = (
    "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope': parameter 1 is not of type "
    "'Value'."
)
_COMPONENT_SAFE: Final = "!'()*-._~"
_RESERVED: Final = ";/?:@&=+$,#"
_ESCAPES: Final = re.compile(r"(?:%[0-9a-fA-F]{2})+|%")
_LEGACY_ESCAPES: Final = re.compile("%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")
_SURROGATE_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def encode_uri(text: str, safe: str) -> str:
    """Percent-encodes as UTF-8 all but letters, digits and the safe characters."""
    try:
        return percent_encode(_join_pairs(text), safe=safe)
    except UnicodeEncodeError:
        raise JsThrow(JsURIError(MALFORMED)) from None


def _join_pairs(text: str) -> str:
    return _SURROGATE_PAIR.sub(
        lambda match: match[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )


def decode_uri(text: str, keep: str) -> str:
    """Undoes percent-encoding, except of the characters to keep."""

    def replace(match: re.Match[str]) -> str:
        if match[0] == "%":
            raise JsThrow(JsURIError(MALFORMED))
        raw = bytes.fromhex(match[0].replace("%", ""))
        try:
            decoded = raw.decode()
        except UnicodeDecodeError:
            raise JsThrow(JsURIError(MALFORMED)) from None
        if not keep:
            return decoded
        parts: list[str] = []
        position = 0
        for char in decoded:
            size = len(char.encode())
            source = match[0][position * 3 : (position + size) * 3]
            parts.append(source if char in keep else char)
            position += size
        return "".join(parts)

    return _ESCAPES.sub(replace, text)


def _parse_int(this: JsValue, text: JsValue = None, radix: JsValue = None) -> JsValue:
    return parse_int(to_string(text), to_integer(radix))


def _parse_float(this: JsValue, text: JsValue = None) -> JsValue:
    return parse_float(to_string(text))


def _is_nan(this: JsValue, value: JsValue = None) -> bool:
    return math.isnan(to_number(value))


def _is_finite(this: JsValue, value: JsValue = None) -> bool:
    return math.isfinite(to_number(value))


def _structured_clone(this: JsValue, value: JsValue = MISSING, options: JsValue = None) -> JsValue:
    if value is MISSING:
        raise type_error(NO_VALUE)
    return structured_clone(value, options)


def _encoder(safe: str) -> Callable[..., JsValue]:
    return lambda this, text=None: encode_uri(to_string(text), safe)


def _decoder(keep: str) -> Callable[..., JsValue]:
    return lambda this, text=None: decode_uri(to_string(text), keep)


def _escape(this: JsValue, text: JsValue = None) -> str:
    parts: list[str] = []
    for char in to_string(text):
        code = ord(char)
        if char.isascii() and (char.isalnum() or char in "@*_+-./"):
            parts.append(char)
        elif code < 0x100:
            parts.append(f"%{code:02X}")
        else:
            units = char.encode("utf-16-be", "surrogatepass")
            parts += [f"%u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2)]
    return "".join(parts)


def _unescape(this: JsValue, text: JsValue = None) -> str:
    replaced = _LEGACY_ESCAPES.sub(lambda m: chr(int(m[1] or m[2], 16)), to_string(text))
    return _join_pairs(replaced)


FUNCTIONS: Final = {
    name: NativeFunction(name, function)
    for name, function in (
        ("decodeURI", _decoder(_RESERVED)),
        ("decodeURIComponent", _decoder("")),
        ("encodeURI", _encoder(_COMPONENT_SAFE + _RESERVED)),
        ("encodeURIComponent", _encoder(_COMPONENT_SAFE)),
        ("escape", _escape),
        ("isFinite", _is_finite),
        ("isNaN", _is_nan),
        ("parseFloat", _parse_float),
        ("parseInt", _parse_int),
        ("structuredClone", _structured_clone),
        ("unescape", _unescape),
    )
}
