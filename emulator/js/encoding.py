"""`TextEncoder`, `TextDecoder`, `atob` and `btoa`.

Guarantees: decoding in any number of pieces with `stream: true` gives the same text as at once;
`encode` never fails (a lone surrogate becomes U+FFFD).
Source: Encoding standard; HTML standard, section 8.3; texts of workerd.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import re
from functools import partial
from typing import Any

from emulator.js.buffers import Uint8Array, bytes_of
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method
from emulator.js.encoding_labels import (
    CORRECTIONS,
    MULTI_BYTE_CODECS,
    character_table,
    encoding_of,
)
from emulator.js.errors import dom_exception, range_error, type_error
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import (
    scalar_text,
    string_argument,
    wrong_constructor_parameter,
    wrong_parameter,
)

NOT_AN_ENCODING = '"{label}" is not a valid encoding.'
DECODE_FAILED = "Failed to decode input."
NULL_OPTIONS = (
    "Cannot initialize N7workerd3api11TextDecoder18ConstructorOptionsE with required members from "
    "an undefined or null value."
)
INVALID_BASE64 = (
    "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric "
    "ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are "
    "allowed.)"
)
NOT_LATIN1 = "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range."

_BASE64_SPACE = str.maketrans("", "", "\t\n\f\r ")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")
_WITH_BOM = frozenset({"utf-8", "utf-16le", "utf-16be"})


def utf8_bytes(text: str) -> bytes:
    """UTF-8 of a JavaScript string."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return scalar_text(text).encode()


class TextEncoder(JsObject, name="TextEncoder"):
    """Text to UTF-8."""

    __slots__ = ()

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    @getter
    def encoding(self) -> str:
        return "utf-8"

    @method
    def encode(self, text: JsValue = None) -> Uint8Array:
        return Uint8Array.from_bytes(b"" if text is None else utf8_bytes(to_string(text)))

    @method
    def encodeInto(self, text: JsValue = MISSING, destination: JsValue = None) -> PlainObject:
        source = string_argument(text, "TextEncoder", "encodeInto")
        if not isinstance(destination, Uint8Array):
            raise wrong_parameter("TextEncoder", "encodeInto", 2, "Uint8Array")
        data = utf8_bytes(source)
        space = destination.byte_size
        if len(data) > space:
            # Cut where a character begins.
            end = space
            while end and data[end] & 0xC0 == 0x80:
                end -= 1
            data = data[:end]
        start = destination.byte_offset
        destination.buffer.data[start : start + len(data)] = data
        read = len(data.decode().encode("utf-16-le")) // 2
        return PlainObject({"read": read, "written": len(data)})


class TextDecoder(JsObject, name="TextDecoder"):
    """Bytes to text, in any encoding of the standard."""

    __slots__ = ("_at_start", "_encoding", "_fatal", "_ignore_bom", "_incremental")

    def __init__(
        self, encoding: str = "utf-8", *, fatal: bool = False, ignore_bom: bool = False
    ) -> None:
        super().__init__()
        self._encoding = encoding
        self._fatal = fatal
        self._ignore_bom = ignore_bom
        self._at_start = True
        self._incremental: Any = None

    @classmethod
    def js_new(cls, label: JsValue = None, options: JsValue = None) -> JsValue:
        name = "utf-8" if label is None else to_string(label)
        if options is null:
            raise type_error(NULL_OPTIONS)
        if options is not None and not isinstance(options, JsObject):
            raise wrong_constructor_parameter("TextDecoder", 2, "ConstructorOptions")
        encoding = encoding_of(name)
        if encoding is None:
            raise range_error(NOT_AN_ENCODING.format(label=name))
        return cls(
            encoding,
            fatal=to_boolean(get_option(options, "fatal")),
            ignore_bom=to_boolean(get_option(options, "ignoreBOM")),
        )

    # -- for the emulator ---------------------------------------------------------------------

    def decode_bytes(self, data: bytes, *, final: bool) -> str:
        """The text of the next bytes; `final` ends the text, and the decoder starts anew."""
        try:
            text = self._decode(data, final=final)
        except UnicodeDecodeError:
            self._restart()
            raise type_error(DECODE_FAILED) from None
        if self._at_start and text:
            self._at_start = False
            if not self._ignore_bom and self._encoding in _WITH_BOM:
                text = text.removeprefix("\ufeff")
        if final:
            self._restart()
        return text

    def _restart(self) -> None:
        self._at_start = True
        self._incremental = None

    def _decode(self, data: bytes, *, final: bool) -> str:
        codec = MULTI_BYTE_CODECS.get(self._encoding)
        if codec is None:
            table = character_table(self._encoding)
            errors = "strict" if self._fatal else "replace"
            return codecs.charmap_decode(data, errors, table)[0]
        errors = _error_handler(self._encoding, fatal=self._fatal)
        if self._incremental is None and not final:
            self._incremental = codecs.getincrementaldecoder(codec)(errors)
        text: str = (
            data.decode(codec, errors)
            if self._incremental is None
            else self._incremental.decode(data, final)
        )
        corrections = CORRECTIONS.get(self._encoding)
        return text if corrections is None else text.translate(corrections)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def encoding(self) -> str:
        return self._encoding

    @getter
    def fatal(self) -> bool:
        return self._fatal

    @getter
    def ignoreBOM(self) -> bool:
        return self._ignore_bom

    @method
    def decode(self, input: JsValue = None, options: JsValue = None) -> str:
        data = b"" if input is None else bytes_of(input)
        if data is None:
            raise wrong_parameter("TextDecoder", "decode", 1, "Array")
        return self.decode_bytes(data, final=not to_boolean(get_option(options, "stream")))


# Codec error handlers: what the standard's encodings have where Python's codecs have nothing.
_HANDLED = {"gbk": "gbk", "gb18030": "gbk", "euc-jp": "euc-jp"}


def _euro(error: UnicodeError, fallback: str) -> tuple[str | bytes, int]:
    """0x80 is the euro sign."""
    assert isinstance(error, UnicodeDecodeError)
    if error.object[error.start] == 0x80:
        return "€", error.start + 1
    return codecs.lookup_error(fallback)(error)


def _vendor_rows(error: UnicodeError, fallback: str) -> tuple[str | bytes, int]:
    """The vendors' extra rows of JIS X 0208, which Python has in its Shift JIS only."""
    assert isinstance(error, UnicodeDecodeError)
    row, cell = (error.object[error.start : error.start + 2] + b"\0\0")[:2]
    if 0xA1 <= row <= 0xFE and 0xA1 <= cell <= 0xFE:
        row, cell = row - 0xA1, cell - 0xA1
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < 63 else 0x41)
        with contextlib.suppress(UnicodeDecodeError):
            return bytes([lead, trail]).decode("cp932"), error.start + 2
    return codecs.lookup_error(fallback)(error)


for _fallback in ("replace", "strict"):
    codecs.register_error(f"gbk-{_fallback}", partial(_euro, fallback=_fallback))
    codecs.register_error(f"euc-jp-{_fallback}", partial(_vendor_rows, fallback=_fallback))


def _error_handler(encoding: str, *, fatal: bool) -> str:
    name = "strict" if fatal else "replace"
    return f"{_HANDLED[encoding]}-{name}" if encoding in _HANDLED else name


def atob(text: str) -> str:
    """The bytes of base64 text, as a string of characters up to U+00FF."""
    cleaned = text.translate(_BASE64_SPACE)
    if len(cleaned) % 4 == 0 and cleaned.endswith("="):
        cleaned = cleaned[:-2] + cleaned[-2:].rstrip("=")
    if len(cleaned) % 4 == 1 or not _BASE64.fullmatch(cleaned):
        raise dom_exception("InvalidCharacterError", INVALID_BASE64)
    return base64.b64decode(cleaned + "=" * (-len(cleaned) % 4)).decode("latin-1")


def btoa(text: str) -> str:
    """Base64 of a string of characters up to U+00FF."""
    try:
        return base64.b64encode(text.encode("latin-1")).decode("ascii")
    except UnicodeEncodeError:
        raise dom_exception("InvalidCharacterError", NOT_LATIN1) from None


def _js_atob(this: JsValue, data: JsValue = MISSING) -> str:
    return atob(string_argument(data, "ServiceWorkerGlobalScope", "atob"))


def _js_btoa(this: JsValue, data: JsValue = MISSING) -> str:
    return btoa(string_argument(data, "ServiceWorkerGlobalScope", "btoa", expected="String"))


FUNCTIONS = {
    "atob": NativeFunction("atob", _js_atob),
    "btoa": NativeFunction("btoa", _js_btoa),
}
