"""What public-key algorithms have in common: formats of keys, and the checks of JSON Web Keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emulator.js.crypto import jwk
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyType, KeyUse
from emulator.js.crypto.usages import NO_PRIVATE_USAGE, canonical, check_usages
from emulator.js.errors import dom_exception

INVALID = "Invalid {format} input."
TRAILING = "Invalid {count} trailing bytes after {format} input."
UNKNOWN_FORMAT = 'Unrecognized key import format "{format}".'
WRONG_EXPORT = 'Asymmetric {format} export requires {needed} key (not "{type}").'
NO_EXPORT = 'Cannot export "{name}" in "{format}" format.'
WRONG_USE = (
    'Asymmetric "jwk" key import with usages requires a JSON Web Key with Public Key Use parameter '
    '"use" ("{use}") equal to "sig".'
)
DUPLICATE_OPERATIONS = (
    'A JSON Web Key\'s Key Operations parameter ("key_ops") must not contain duplicates.'
)
MISSING_OPERATIONS = (
    "All specified key usages must be present in the JSON Web Key's Key Operations parameter "
    '("key_ops").'
)
_INCONSISTENT = (
    'A JSON Web Key should have either a Public Key Use parameter ("use") or a Key Operations '
    'parameter ("key_ops"); otherwise, the parameters must be consistent with each other. '
)
INCONSISTENT_OPERATION = _INCONSISTENT + (
    "A Public Key Use for {name} would allow a Key Operations array with only {allowed} values "
    '(not "{usage}").'
)
NO_OPERATIONS = _INCONSISTENT + (
    'For public {name} keys, there are no valid usages,so keys with a non-empty "key_ops" '
    "parameter are not allowed."
)
UNKNOWN_ALGORITHM = (
    'Unrecognized or unimplemented algorithm "{alg}" listed in JSON Web Key Algorithm parameter.'
)

_ENCODING = serialization.Encoding.DER
_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
Format = Literal["PKCS8", "SPKI"]


@dataclass(frozen=True, slots=True)
class Usages:
    """What an algorithm's keys may be used for, and the `use` of its JSON Web Keys."""

    public: tuple[str, ...]
    private: tuple[str, ...]
    jwk_use: str

    @property
    def all(self) -> tuple[str, ...]:
        """Both, in the order of CryptoKey."""
        return canonical((*self.public, *self.private))


SIGNING = Usages(("verify",), ("sign",), "sig")
ENCRYPTING = Usages(("encrypt", "wrapKey"), ("decrypt", "unwrapKey"), "enc")
DERIVING = Usages((), ("deriveKey", "deriveBits"), "enc")


@dataclass(frozen=True, slots=True)
class Imported:
    """A key as `cryptography` has it, and which half of a pair it is."""

    key: Any
    type: KeyType


class AsymmetricKey(KeyMaterial):
    """A public or a private key."""

    __slots__ = ("_key", "type")

    def __init__(self, name: str, imported: Imported, use: KeyUse) -> None:
        super().__init__(name, use)
        self._key = imported.key
        self.type = imported.type

    def export(self, format: str) -> bytes | JsonWebKey:
        if format == "pkcs8":
            self._require_type("private", format)
            return bytes(
                self._key.private_bytes(
                    _ENCODING,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        if format == "spki":
            self._require_type("public", format)
            info = serialization.PublicFormat.SubjectPublicKeyInfo
            return bytes(self._key.public_bytes(_ENCODING, info))
        if format == "jwk":
            return self._as_jwk()
        if format == "raw":
            return self._as_raw()
        raise self._no_export(format)

    def _require_type(self, needed: KeyType, format: str) -> None:
        if self.type != needed:
            text = WRONG_EXPORT.format(format=format, needed=needed, type=self.type)
            raise dom_exception("InvalidAccessError", text)

    def _no_export(self, format: str) -> Exception:
        text = NO_EXPORT.format(name=self.name, format=format)
        return dom_exception("InvalidAccessError", text)

    def _as_jwk(self) -> JsonWebKey:
        raise NotImplementedError

    def _as_raw(self) -> bytes:
        raise self._no_export("raw")


def import_asymmetric(
    name: str,
    format: str,
    data: bytes | JsonWebKey,
    names: list[str],
    usages: Usages,
    read_jwk: Callable[[JsonWebKey], Any],
    *,
    extractable: bool,
) -> Imported:
    """Reads a key in the formats that all algorithms share, and checks its usages."""
    if isinstance(data, JsonWebKey):
        imported_type: KeyType = "public" if data.d is None else "private"
        check_import(name, imported_type, names, usages)
        _check_jwk(name, data, names, usages, extractable=extractable)
        return Imported(read_jwk(data), imported_type)
    if format == "spki":
        public = Imported(load_spki(data), "public")
        check_import(name, "public", names, usages)
        return public
    if format == "pkcs8":
        private = Imported(load_pkcs8(data), "private")
        check_import(name, "private", names, usages)
        return private
    raise dom_exception("NotSupportedError", UNKNOWN_FORMAT.format(format=format))


def check_import(name: str, type: KeyType, names: list[str], usages: Usages) -> None:
    """Throws if that half of a pair cannot be used so."""
    if type == "public":
        check_usages(name, "import public", names, usages.public)
    else:
        check_usages(name, "import private", names, usages.private)


def check_generate(name: str, names: list[str], usages: Usages) -> None:
    """Throws if the algorithm's keys cannot be used so."""
    check_usages(name, "generate", names, usages.all)


def split_uses(names: list[str], usages: Usages, *, extractable: bool) -> tuple[KeyUse, KeyUse]:
    """What the two halves of a new pair are for; a public key may always be exported."""
    private = [name for name in names if name in usages.private]
    if not private:
        raise dom_exception("SyntaxError", NO_PRIVATE_USAGE)
    public = [name for name in names if name in usages.public]
    return KeyUse.of(public, extractable=True), KeyUse.of(private, extractable=extractable)


# -- formats ----------------------------------------------------------------------------------


def load_pkcs8(data: bytes) -> Any:
    """A private key in PKCS #8."""
    body = _body(data, "PKCS8")
    # Version and algorithm: the older formats that the loader takes as well begin differently.
    if body[:3] not in (b"\x02\x01\x00", b"\x02\x01\x01") or body[3:4] != b"\x30":
        raise _invalid("PKCS8")
    try:
        key = serialization.load_der_private_key(
            data, password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _invalid("PKCS8") from None
    return _checked_curve(key, "PKCS8")


def load_spki(data: bytes) -> Any:
    """A public key as SubjectPublicKeyInfo."""
    if _body(data, "SPKI")[:1] != b"\x30":
        raise _invalid("SPKI")
    try:
        key = serialization.load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _invalid("SPKI") from None
    return _checked_curve(key, "SPKI")


def _body(data: bytes, format: Format) -> bytes:
    """What is in the DER sequence that the data is."""
    if len(data) < 2 or data[0] != 0x30:
        raise _invalid(format)
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    if start + size > len(data):
        raise _invalid(format)
    trailing = len(data) - start - size
    if trailing:
        text = TRAILING.format(count=trailing, format=format)
        raise dom_exception("DataError", text)
    return data[start:]


def _checked_curve(key: Any, format: Format) -> Any:
    curve = getattr(key, "curve", None)
    if curve is not None and not isinstance(curve, _CURVES):
        raise _invalid(format)
    return key


def _invalid(format: Format) -> Exception:
    return dom_exception("DataError", INVALID.format(format=format))


# -- JSON Web Keys ----------------------------------------------------------------------------


def _check_jwk(
    name: str, key: JsonWebKey, names: list[str], usages: Usages, *, extractable: bool
) -> None:
    if names and key.use is not None and key.use != usages.jwk_use:
        raise dom_exception("DataError", WRONG_USE.format(use=key.use))
    if key.key_ops is not None:
        _check_operations(name, key, key.key_ops, names, usages)
    jwk.check_extractable(key, name, extractable=extractable)


def _check_operations(
    name: str, key: JsonWebKey, operations: tuple[str, ...], names: list[str], usages: Usages
) -> None:
    if len(set(operations)) != len(operations):
        raise dom_exception("DataError", DUPLICATE_OPERATIONS)
    if key.use is not None:
        _check_consistent(name, operations, usages, is_public=key.d is None)
    if any(usage not in operations for usage in names):
        raise dom_exception("DataError", MISSING_OPERATIONS)


def _check_consistent(
    name: str, operations: tuple[str, ...], usages: Usages, *, is_public: bool
) -> None:
    # workerd asks for "sign"/"verify" and for "encrypt"/"wrapKey", whichever half it is.
    allowed = ("sign", "verify") if usages.jwk_use == "sig" else usages.public
    for usage in operations:
        if not allowed:
            raise dom_exception("DataError", NO_OPERATIONS.format(name=name))
        if usage not in allowed:
            quoted = " and/or ".join(f'"{value}"' for value in allowed)
            text = INCONSISTENT_OPERATION.format(name=name, allowed=quoted, usage=usage)
            raise dom_exception("DataError", text)


def unknown_algorithm(alg: str) -> Exception:
    """The `alg` of a JSON Web Key is none that there is."""
    return dom_exception("NotSupportedError", UNKNOWN_ALGORITHM.format(alg=alg))
