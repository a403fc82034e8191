"""`CryptoKey`, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emulator.js.array import JsArray
from emulator.js.crypto.usages import canonical
from emulator.js.define import getter
from emulator.js.errors import dom_exception
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject

if TYPE_CHECKING:
    from emulator.js.crypto.arguments import DeriveAlgorithm, EncryptAlgorithm, SignAlgorithm
    from emulator.js.crypto.jwk import JsonWebKey

KeyType = Literal["secret", "public", "private"]

UNIMPLEMENTED = 'The {operation} operation is not implemented for "{name}".'


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key may be used for."""

    extractable: bool
    usages: tuple[str, ...]

    @classmethod
    def of(cls, usages: list[str], *, extractable: bool) -> KeyUse:
        """Usages in their canonical order, each once."""
        return cls(extractable, canonical(usages))


class KeyMaterial:
    """A key and the operations of its algorithm. Subclasses have those that exist."""

    __slots__ = ("name", "use")

    type: KeyType = "secret"

    def __init__(self, name: str, use: KeyUse) -> None:
        self.name = name
        self.use = use

    def algorithm(self) -> PlainObject:
        """What `CryptoKey.algorithm` shows."""
        return PlainObject({"name": self.name})

    def export(self, format: str) -> bytes | JsonWebKey:
        """The key in a format; extractability has been checked."""
        raise self._unimplemented("exportKey")

    def encrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        """Encrypts."""
        raise self._unimplemented("encrypt")

    def decrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        """Decrypts."""
        raise self._unimplemented("decrypt")

    def wrap(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        """Encrypts a key."""
        return self.encrypt(algorithm, data)

    def unwrap(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        """Decrypts a key."""
        return self.decrypt(algorithm, data)

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        """Signs."""
        raise self._unimplemented("sign")

    def verify(self, algorithm: SignAlgorithm, signature: bytes, data: bytes) -> bool:
        """Whether the signature is one of the data."""
        raise self._unimplemented("verify")

    def derive_bits(self, algorithm: DeriveAlgorithm, bit_count: int | None) -> bytes:
        """Derives so many bits; None: as many as the algorithm gives."""
        raise self._unimplemented("deriveBits")

    def _unimplemented(self, operation: str) -> Exception:
        text = UNIMPLEMENTED.format(operation=operation, name=self.name)
        return dom_exception("NotSupportedError", text)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """What generating an asymmetric key gives."""

    public: KeyMaterial
    private: KeyMaterial


class CryptoKey(JsObject, name="CryptoKey", constructible=False):
    """A guest's handle of a key."""

    __slots__ = ("material",)

    def __init__(self, material: KeyMaterial) -> None:
        super().__init__()
        self.material = material

    @getter
    def type(self) -> str:
        return self.material.type

    @getter
    def extractable(self) -> bool:
        return self.material.use.extractable

    @getter
    def algorithm(self) -> PlainObject:
        return self.material.algorithm()

    @getter
    def usages(self) -> JsArray:
        return JsArray(list(self.material.use.usages))
