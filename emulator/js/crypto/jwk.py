"""JSON Web Keys: the dictionary, and the encoding of its numbers."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, fields

from emulator.js.array import JsArray
from emulator.js.convert import get_option, iterate, to_boolean, to_string
from emulator.js.errors import dom_exception
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_field

NOT_EXTRACTABLE = 'JWK ext field for "{name}" is set to false but extractable is true'

_ALPHABET = re.compile(r"[A-Za-z0-9_+/-]*={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonWebKey:
    """`JsonWebKey`, in the order in which exported keys list their members; None is undefined."""

    kty: str
    use: str | None = None
    key_ops: tuple[str, ...] | None = None
    alg: str | None = None
    ext: bool | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    d: str | None = None
    n: str | None = None
    e: str | None = None
    p: str | None = None
    q: str | None = None
    dp: str | None = None
    dq: str | None = None
    qi: str | None = None
    oth: tuple[JsValue, ...] | None = None
    k: str | None = None
    pub: str | None = None
    priv: str | None = None

    @classmethod
    def of(cls, value: JsObject) -> JsonWebKey:
        """Converts a guest's object; a missing `kty` is the text `undefined`, as in workerd."""
        members = {
            field.name: _member(value, field.name) for field in fields(cls) if field.name != "kty"
        }
        return cls(kty=to_string(get_option(value, "kty")), **members)

    def as_object(self) -> PlainObject:
        """What `exportKey("jwk", ...)` gives: every member is there, most are undefined."""
        members = {field.name: _as_value(getattr(self, field.name)) for field in fields(self)}
        return PlainObject(members)


def _member(value: JsObject, name: str) -> JsValue:
    member = get_option(value, name)
    if member is None:
        return None
    if name == "ext":
        return to_boolean(member)
    if name in ("key_ops", "oth"):
        if not isinstance(member, JsArray):
            raise wrong_field("JsonWebKey", name, "Array")
        items = iterate(member)
        return tuple(map(to_string, items)) if name == "key_ops" else tuple(items)
    return to_string(member)


def _as_value(member: JsValue) -> JsValue:
    return JsArray(list(member)) if isinstance(member, tuple) else member


def check_extractable(key: JsonWebKey, name: str, *, extractable: bool) -> None:
    """A key whose `ext` is false does not become an extractable one."""
    if key.ext is False and extractable:
        raise dom_exception("DataError", NOT_EXTRACTABLE.format(name=name))


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def encode_integer(number: int, byte_count: int | None = None) -> str:
    """A number as its shortest big-endian bytes, or as so many."""
    size = (number.bit_length() + 7) // 8 if byte_count is None else byte_count
    return encode(number.to_bytes(size, "big"))


def decode(text: str | None) -> bytes | None:
    """The bytes of a base64url text; None if it is absent or not one."""
    if text is None or not _ALPHABET.fullmatch(text):
        return None
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def decode_integer(text: str | None) -> int | None:
    """The number in a base64url text; None if it is absent or not one."""
    data = decode(text)
    return None if data is None else int.from_bytes(data, "big")
