"""Arguments of `crypto.subtle`: the dictionaries, converted as WebIDL does.

Guarantees: a dictionary is read once and in full, before any check that knows the algorithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from emulator.js.array import JsArray
from emulator.js.buffers import bytes_of
from emulator.js.convert import get_option, to_number, to_string
from emulator.js.crypto.digests import Digest, digest_of
from emulator.js.crypto.key import CryptoKey
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_field, wrong_parameter

# workerd's own words: the name is the C++ one, as the compiler encodes it.
NOT_A_DICTIONARY = (
    "Cannot initialize N7workerd3api12SubtleCrypto{length}{name}E with required members from an "
    "undefined or null value."
)
OUT_OF_RANGE = "Value out of range. Must be between -2147483648 and 2147483647 (inclusive)."
MISSING_FIELD = 'Missing field "{field}" in "{dictionary}".'

_INTERFACE = "SubtleCrypto"


@dataclass(frozen=True, slots=True)
class EncryptAlgorithm:
    """How to encrypt or decrypt."""

    name: str
    iv: bytes | None
    additional_data: bytes
    tag_length: float | None
    counter: bytes | None
    length: int | None
    label: bytes

    @classmethod
    def of(cls, value: JsValue, member: str, index: int) -> EncryptAlgorithm:
        """Converts an argument."""
        kind = "EncryptAlgorithm"
        fields = algorithm_dictionary(value, member, index, kind)
        return cls(
            name=name_field(fields),
            iv=_buffer_field(fields, kind, "iv"),
            additional_data=_buffer_field(fields, kind, "additionalData") or b"",
            tag_length=_number_field(fields, "tagLength"),
            counter=_buffer_field(fields, kind, "counter"),
            length=_integer_field(fields, "length"),
            label=_buffer_field(fields, kind, "label") or b"",
        )


@dataclass(frozen=True, slots=True)
class SignAlgorithm:
    """How to sign or verify."""

    name: str
    hash: str | None
    salt_length: int | None

    @classmethod
    def of(cls, value: JsValue, member: str, index: int) -> SignAlgorithm:
        """Converts an argument."""
        fields = algorithm_dictionary(value, member, index, "SignAlgorithm")
        return cls(name_field(fields), _hash_field(fields), _integer_field(fields, "saltLength"))


@dataclass(frozen=True, slots=True)
class ImportAlgorithm:
    """What an imported or derived key is for."""

    name: str
    hash: str | None
    named_curve: str | None
    length: int | None

    @classmethod
    def of(cls, value: JsValue, member: str, index: int) -> ImportAlgorithm:
        """Converts an argument."""
        fields = algorithm_dictionary(value, member, index, "ImportKeyAlgorithm")
        return cls(
            name=name_field(fields),
            hash=_hash_field(fields),
            named_curve=_string_field(fields, "namedCurve"),
            length=_integer_field(fields, "length"),
        )


@dataclass(frozen=True, slots=True)
class GenerateAlgorithm:
    """What a new key is for, and its parameters."""

    name: str
    hash: str | None
    modulus_length: int | None
    public_exponent: bytes | None
    length: int | None
    named_curve: str | None

    @classmethod
    def of(cls, value: JsValue, member: str, index: int) -> GenerateAlgorithm:
        """Converts an argument."""
        kind = "GenerateKeyAlgorithm"
        fields = algorithm_dictionary(value, member, index, kind)
        return cls(
            name=name_field(fields),
            hash=_hash_field(fields),
            modulus_length=_integer_field(fields, "modulusLength"),
            public_exponent=_buffer_field(fields, kind, "publicExponent"),
            length=_integer_field(fields, "length"),
            named_curve=_string_field(fields, "namedCurve"),
        )


@dataclass(frozen=True, slots=True)
class DeriveAlgorithm:
    """How to derive bits or a key."""

    name: str
    salt: bytes | None
    iterations: int | None
    hash: str | None
    public: CryptoKey | None
    info: bytes | None

    @classmethod
    def of(cls, value: JsValue, member: str, index: int) -> DeriveAlgorithm:
        """Converts an argument."""
        kind = "DeriveKeyAlgorithm"
        fields = algorithm_dictionary(value, member, index, kind)
        return cls(
            name=name_field(fields),
            salt=_buffer_field(fields, kind, "salt"),
            iterations=_integer_field(fields, "iterations"),
            hash=_hash_field(fields),
            public=_key_field(fields, kind, "public"),
            info=_buffer_field(fields, kind, "info"),
        )


def require_digest(name: str | None, dictionary: str = "algorithm") -> Digest:
    """The digest that a dictionary must name."""
    if name is None:
        raise missing_field("hash", dictionary)
    return digest_of(name)


def missing_field(field: str, dictionary: str = "algorithm") -> Exception:
    """A dictionary lacks a member that the algorithm needs."""
    return type_error(MISSING_FIELD.format(field=field, dictionary=dictionary))


def hash_name(value: JsValue, kind: str, member: str = "digest", index: int = 1) -> str:
    """The name in `"SHA-256"` or `{name: "SHA-256"}`."""
    return name_field(algorithm_dictionary(value, member, index, kind))


def buffer_argument(value: JsValue, member: str, index: int) -> bytes:
    """A required buffer, copied: nobody may change it while it is worked on."""
    data = bytes_of(value)
    if data is None:
        raise wrong_parameter(_INTERFACE, member, index, "BufferSource")
    return data


def key_argument(value: JsValue, member: str, index: int) -> CryptoKey:
    """A required key."""
    if not isinstance(value, CryptoKey):
        raise wrong_parameter(_INTERFACE, member, index, "CryptoKey")
    return value


def required(value: JsValue, member: str, index: int, expected: str) -> JsValue:
    """A parameter that takes any value, but must be there."""
    if value is MISSING:
        raise wrong_parameter(_INTERFACE, member, index, expected)
    return value


def usages_argument(value: JsValue, member: str, index: int) -> list[str]:
    """A required array of texts."""
    if not isinstance(value, JsArray):
        raise wrong_parameter(_INTERFACE, member, index, "Array")
    return [to_string(usage) for usage in value.js_iter()]


def algorithm_dictionary(value: JsValue, member: str, index: int, kind: str) -> JsObject:
    """An algorithm's dictionary; a text is its name."""
    if value is MISSING:
        raise wrong_parameter(_INTERFACE, member, index, f"string or {kind}")
    if value is None or value is null:
        raise _not_a_dictionary(kind)
    return value if isinstance(value, JsObject) else PlainObject({"name": to_string(value)})


def _not_a_dictionary(kind: str) -> Exception:
    return type_error(NOT_A_DICTIONARY.format(length=len(kind), name=kind))


def not_a_web_key() -> Exception:
    """null or undefined where a JsonWebKey is due."""
    return _not_a_dictionary("JsonWebKey")


def name_field(fields: JsObject) -> str:
    """The name of an algorithm; a missing one is the text `undefined`, as in workerd."""
    return to_string(get_option(fields, "name"))


def _string_field(fields: JsObject, field: str) -> str | None:
    value = get_option(fields, field)
    return None if value is None else to_string(value)


def _hash_field(fields: JsObject) -> str | None:
    value = get_option(fields, "hash")
    return None if value is None else hash_name(value, "HashAlgorithm")


def _buffer_field(fields: JsObject, kind: str, field: str) -> bytes | None:
    value = get_option(fields, field)
    if value is None:
        return None
    data = bytes_of(value)
    if data is None:
        raise wrong_field(kind, field, "BufferSource")
    return data


def _key_field(fields: JsObject, kind: str, field: str) -> CryptoKey | None:
    value = get_option(fields, field)
    if value is not None and not isinstance(value, CryptoKey):
        raise wrong_field(kind, field, "CryptoKey")
    return value


def _number_field(fields: JsObject, field: str) -> float | None:
    value = get_option(fields, field)
    return None if value is None else to_number(value)


def _integer_field(fields: JsObject, field: str) -> int | None:
    number = _number_field(fields, field)
    return None if number is None else int32(number)


def int32(number: float) -> int:
    """A number as a C++ int: truncated, NaN is 0, and nothing wraps."""
    if math.isnan(number):
        return 0
    if not -(2**31) <= number < 2**31:
        raise type_error(OUT_OF_RANGE)
    return int(number)
