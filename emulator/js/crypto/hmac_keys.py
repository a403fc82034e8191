"""HMAC."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from emulator.js import host
from emulator.js.crypto import jwk
from emulator.js.crypto.arguments import GenerateAlgorithm, ImportAlgorithm, require_digest
from emulator.js.crypto.digests import Digest
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyUse
from emulator.js.crypto.usages import check_usages
from emulator.js.errors import dom_exception
from emulator.js.plain import PlainObject

if TYPE_CHECKING:
    from emulator.js.crypto.arguments import SignAlgorithm

KEY_LENGTH = (
    "Imported HMAC key length ({length}) must be a non-zero value up to 7 bits less than, and no "
    "greater than, the bit length of the raw key data ({bits})."
)
NEW_KEY_LENGTH = "HMAC key length must be a non-zero unsigned long integer (requested {length})."
UNKNOWN_FORMAT = 'Unrecognized key import format "{format}".'
UNKNOWN_EXPORT = 'Unimplemented key export format "{format}".'
NO_JWK_NAME = 'Unimplemented JWK key export format for key algorithm "{name}".'
WRONG_TYPE = (
    'HMAC "jwk" key import requires a JSON Web Key with Key Type parameter ("kty") equal to "oct" '
    '(encountered "{kty}").'
)
NOT_ENCODED = 'HMAC "jwk" key import requires a base64Url encoding of the key'
UNKNOWN_HASH = "Unrecognized or unimplemented hash algorithm requested{alg}"
WRONG_ALGORITHM = (
    'HMAC "jwk" key import specifies "alg" that is incompatible with the hash name (encountered '
    '"{alg}", expected "{expected}").'
)

_USAGES = ("sign", "verify")


class HmacKey(KeyMaterial):
    """A secret, and the digest it is used with."""

    __slots__ = ("_digest", "_length", "_secret")

    def __init__(self, secret: bytes, digest: Digest, length: int, use: KeyUse) -> None:
        super().__init__("HMAC", use)
        self._secret = secret
        self._digest = digest
        self._length = length

    def algorithm(self) -> PlainObject:
        digest = PlainObject({"name": self._digest.name})
        return PlainObject({"name": self.name, "hash": digest, "length": self._length})

    def export(self, format: str) -> bytes | JsonWebKey:
        if format == "raw":
            return self._secret
        if format != "jwk":
            raise dom_exception("NotSupportedError", UNKNOWN_EXPORT.format(format=format))
        if self._digest.jwk_suffix is None:
            text = NO_JWK_NAME.format(name=self._digest.name)
            raise dom_exception("NotSupportedError", text)
        return JsonWebKey(
            kty="oct",
            key_ops=self.use.usages,
            alg=f"HS{self._digest.jwk_suffix}",
            ext=True,
            k=jwk.encode(self._secret),
        )

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        return hmac.digest(self._secret, data, self._digest.python_name)

    def verify(self, algorithm: SignAlgorithm, signature: bytes, data: bytes) -> bool:
        return hmac.compare_digest(signature, self.sign(algorithm, data))


def import_key(
    name: str,
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> KeyMaterial:
    """A key from its bytes or a JsonWebKey."""
    check_usages(name, "import secret", usages, _USAGES)
    digest = require_digest(algorithm.hash)
    if isinstance(data, JsonWebKey):
        jwk.check_extractable(data, name, extractable=extractable)
        secret = _secret_of(data, digest)
    elif format == "raw":
        secret = data
    else:
        raise dom_exception("NotSupportedError", UNKNOWN_FORMAT.format(format=format))
    bits = len(secret) * 8
    length = bits if algorithm.length is None else algorithm.length
    if length == 0 or length > bits or length <= bits - 8:
        raise dom_exception("DataError", KEY_LENGTH.format(length=length, bits=bits))
    return HmacKey(secret, digest, length, KeyUse.of(usages, extractable=extractable))


def _secret_of(key: JsonWebKey, digest: Digest) -> bytes:
    if key.kty != "oct":
        raise dom_exception("DataError", WRONG_TYPE.format(kty=key.kty))
    secret = jwk.decode(key.k)
    if secret is None:
        raise dom_exception("DataError", NOT_ENCODED)
    if key.alg is None:
        return secret
    if digest.jwk_suffix is None:
        raise dom_exception("NotSupportedError", UNKNOWN_HASH.format(alg=key.alg))
    expected = f"HS{digest.jwk_suffix}"
    if key.alg != expected:
        text = WRONG_ALGORITHM.format(alg=key.alg, expected=expected)
        raise dom_exception("DataError", text)
    return secret


def generate_key(
    name: str, algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyMaterial:
    """A random key, as long as the digest's block unless told otherwise."""
    digest = require_digest(algorithm.hash)
    check_usages(name, "generate", usages, _USAGES)
    length = digest.block_bits if algorithm.length is None else algorithm.length
    if length <= 0:
        raise dom_exception("OperationError", NEW_KEY_LENGTH.format(length=length))
    secret = host.current().random_bytes((length + 7) // 8)
    return HmacKey(secret, digest, length, KeyUse.of(usages, extractable=extractable))
