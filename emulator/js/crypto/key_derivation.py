"""HKDF and PBKDF2."""

from __future__ import annotations

import hashlib
import hmac

from emulator.js.crypto.arguments import (
    DeriveAlgorithm,
    ImportAlgorithm,
    missing_field,
    require_digest,
)
from emulator.js.crypto.digests import Digest
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyUse
from emulator.js.crypto.usages import check_usages
from emulator.js.errors import dom_exception

# The two differ in a full stop.
NOT_RAW = {
    "HKDF": 'HKDF key must be imported in "raw" format (requested "{format}")',
    "PBKDF2": 'PBKDF2 key must be imported in "raw" format (requested "{format}").',
}
NEVER_EXTRACTABLE = "{name} key cannot be extractable."
NO_LENGTH = "{name} cannot derive a key with null length."
NOT_BYTES = (
    "{name} requires a derived key length that is a multiple of eight (requested {bit_count})."
)
NO_ITERATIONS = "PBKDF2 requires a positive iteration count (requested {iterations})."
TOO_LONG = {
    "HKDF": "HKDF deriveBits failed.",
    "PBKDF2": "Pbkdf2 failed: derived key length exceeds maximum for this hash",
}

_USAGES = ("deriveKey", "deriveBits")
_MOST_BLOCKS = 255


class DerivationKey(KeyMaterial):
    """A secret that other secrets are derived from; never exported."""

    __slots__ = ("_secret",)

    def __init__(self, name: str, secret: bytes, use: KeyUse) -> None:
        super().__init__(name, use)
        self._secret = secret

    def derive_bits(self, algorithm: DeriveAlgorithm, bit_count: int | None) -> bytes:
        digest = require_digest(algorithm.hash)
        if algorithm.salt is None:
            raise missing_field("salt")
        if self.name == "HKDF":
            return self._hkdf(algorithm, digest, algorithm.salt, bit_count)
        return self._pbkdf2(algorithm, digest, algorithm.salt, bit_count)

    def _hkdf(
        self, algorithm: DeriveAlgorithm, digest: Digest, salt: bytes, bit_count: int | None
    ) -> bytes:
        if algorithm.info is None:
            raise missing_field("info")
        size = self._byte_count(bit_count)
        self._check_size(size, digest)
        key = hmac.digest(salt or bytes(digest.size), self._secret, digest.python_name)
        result = block = b""
        for number in range(1, _MOST_BLOCKS + 1):
            if len(result) >= size:
                break
            block = hmac.digest(key, block + algorithm.info + bytes([number]), digest.python_name)
            result += block
        return result[:size]

    def _pbkdf2(
        self, algorithm: DeriveAlgorithm, digest: Digest, salt: bytes, bit_count: int | None
    ) -> bytes:
        if algorithm.iterations is None:
            raise missing_field("iterations")
        size = self._byte_count(bit_count)
        if algorithm.iterations <= 0:
            text = NO_ITERATIONS.format(iterations=algorithm.iterations)
            raise dom_exception("OperationError", text)
        self._check_size(size, digest)
        if not size:
            return b""
        name, iterations = digest.python_name, algorithm.iterations
        return hashlib.pbkdf2_hmac(name, self._secret, salt, iterations, size)

    def _byte_count(self, bit_count: int | None) -> int:
        if bit_count is None:
            raise dom_exception("OperationError", NO_LENGTH.format(name=self.name))
        if bit_count % 8:
            text = NOT_BYTES.format(name=self.name, bit_count=bit_count)
            raise dom_exception("OperationError", text)
        return bit_count // 8

    def _check_size(self, size: int, digest: Digest) -> None:
        if size > digest.size * _MOST_BLOCKS:
            raise dom_exception("OperationError", TOO_LONG[self.name])


def import_key(
    name: str,
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> KeyMaterial:
    """A key from its bytes."""
    check_usages(name, "import secret", usages, _USAGES)
    if extractable:
        raise dom_exception("SyntaxError", NEVER_EXTRACTABLE.format(name=name))
    if format != "raw" or isinstance(data, JsonWebKey):
        raise dom_exception("NotSupportedError", NOT_RAW[name].format(format=format))
    return DerivationKey(name, data, KeyUse.of(usages, extractable=False))
