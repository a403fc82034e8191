"""AES in the modes GCM, CBC, CTR and KW."""

from __future__ import annotations

import math

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from emulator.js import host
from emulator.js.crypto import jwk
from emulator.js.crypto.arguments import (
    EncryptAlgorithm,
    GenerateAlgorithm,
    ImportAlgorithm,
    missing_field,
)
from emulator.js.crypto.gcm import Gcm
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyUse
from emulator.js.crypto.usages import check_usages
from emulator.js.errors import dom_exception, type_error
from emulator.js.plain import PlainObject

IMPORTED_LENGTH = "Imported AES key length must be 128, 192, or 256 bits but provided {bits}."
GENERATED_LENGTH = "Generated AES key length must be 128, 192, or 256 bits but requested {bits}."
UNKNOWN_FORMAT = 'Unrecognized key import format "{format}".'
UNKNOWN_EXPORT = '{name} key only supports exporting "raw", "raw-secret" & "jwk", not "{format}".'
WRONG_TYPE = (
    'Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to '
    '"oct" (encountered "{kty}").'
)
NOT_ENCODED = 'Symmetric "jwk" key import requires a base64Url encoding of the key.'
WRONG_ALGORITHM = 'Symmetric "jwk" key contains invalid "alg" value "{alg}", expected "{expected}".'
WRONG_USE = 'Symmetric "jwk" key must have a "use" of "enc", not "{use}".'
DUPLICATE = 'Symmetric "jwk" key contains duplicate value "{usage}", in "key_op".'
MISSING_USAGE = '"jwk" key missing usage "{usage}", in "key_ops".'
DECRYPTION_FAILED = (
    "Decryption failed. This could be due to a ciphertext authentication failure, bad padding, "
    "incorrect CryptoKey, or another algorithm-specific reason. Input length was {input}, output "
    "length expected to be {output} for {name}"
)
EMPTY_IV = "AES-GCM IV must not be empty."
IV_LENGTH = "AES-CBC IV must be 16 bytes long (provided {size}{unit})."
TAG_RANGE = "AES-GCM tagLength is outside the integer range."
TAG_LENGTH = "Invalid AES-GCM tag length {length}."
SHORT_CIPHERTEXT = (
    "Ciphertext length of {bits} bits must be greater than or equal to the size of the AES-GCM tag "
    "length of {tag_bits} bits."
)
MISSING_MEMBER = 'Missing "{member}" member in "algorithm".'
COUNTER_SIZE = "Counter must have length of 16 bytes (provided {size})."
COUNTER_LENGTH = "Invalid counter of {length} bits length provided."
COUNTER_REPEATS = "Counter block values will repeat."
WRAP_MULTIPLE = (
    "Unwrapped key bit length must be a multiple of 64 bits but unwrapped key has a length of "
    "{bits} bits."
)
WRAP_SIZE = (
    "Unwrapped key has length {size} bytes but it should be greater than or equal to 16 and less "
    "than or equal to 18446744073709551607"
)
UNWRAP_MULTIPLE = (
    "Provided a wrapped key to unwrap that is {bits} bits which isn't a multiple of 64 bits."
)
UNWRAP_SIZE = (
    "Provided a wrapped key to unwrap this is {bits} bits that is less than the minimal length of "
    "192 bits."
)
UNWRAP_FAILED = "AES-KW key unwrapping failed."

_LENGTHS = (128, 192, 256)
_TAG_LENGTHS = (32, 64, 96, 104, 112, 120, 128)
_BLOCK = 16
_USAGES = ("encrypt", "decrypt", "wrapKey", "unwrapKey")
_WRAP_USAGES = ("wrapKey", "unwrapKey")


class AesKey(KeyMaterial):
    """What all modes have in common."""

    __slots__ = ("_secret",)

    def __init__(self, name: str, secret: bytes, use: KeyUse) -> None:
        super().__init__(name, use)
        self._secret = secret

    def algorithm(self) -> PlainObject:
        return PlainObject({"name": self.name, "length": len(self._secret) * 8})

    def export(self, format: str) -> bytes | JsonWebKey:
        if format == "raw":
            return self._secret
        if format != "jwk":
            text = UNKNOWN_EXPORT.format(name=self.name, format=format)
            raise dom_exception("NotSupportedError", text)
        return JsonWebKey(
            kty="oct",
            key_ops=self.use.usages,
            alg=_jwk_name(self.name, self._secret),
            ext=True,
            k=jwk.encode(self._secret),
        )

    def _decryption_failed(self, size: int, output_size: int) -> Exception:
        text = DECRYPTION_FAILED.format(input=size, output=output_size, name=self.name)
        return dom_exception("OperationError", text)


class GcmKey(AesKey):
    """AES-GCM: encrypts and authenticates."""

    __slots__ = ()

    def encrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        iv, tag_size = _gcm_parameters(algorithm)
        if not _is_usual(iv):
            gcm = Gcm(self._secret, iv)
            ciphertext = gcm.apply(data)
            return ciphertext + gcm.tag(ciphertext, algorithm.additional_data)[:tag_size]
        encryptor = Cipher(algorithms.AES(self._secret), modes.GCM(iv)).encryptor()
        encryptor.authenticate_additional_data(algorithm.additional_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag[:tag_size]

    def decrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        iv, tag_size = _gcm_parameters(algorithm)
        size = len(data) - tag_size
        if size < 0:
            text = SHORT_CIPHERTEXT.format(bits=len(data) * 8, tag_bits=tag_size * 8)
            raise dom_exception("OperationError", text)
        plain = self._opened(iv, algorithm.additional_data, data[:size], data[size:])
        if plain is None:
            raise self._decryption_failed(size, size)
        return plain

    def _opened(
        self, iv: bytes, additional_data: bytes, ciphertext: bytes, tag: bytes
    ) -> bytes | None:
        if not _is_usual(iv):
            gcm = Gcm(self._secret, iv)
            is_authentic = gcm.is_authentic(ciphertext, additional_data, tag)
            return gcm.apply(ciphertext) if is_authentic else None
        mode = modes.GCM(iv, tag, min_tag_length=len(tag))
        decryptor = Cipher(algorithms.AES(self._secret), mode).decryptor()
        decryptor.authenticate_additional_data(additional_data)
        try:
            return decryptor.update(ciphertext) + decryptor.finalize()
        except InvalidTag:
            return None


def _gcm_parameters(algorithm: EncryptAlgorithm) -> tuple[bytes, int]:
    iv = algorithm.iv
    if iv is None:
        raise missing_field("iv")
    if not iv:
        raise dom_exception("OperationError", EMPTY_IV)
    return iv, _tag_size(algorithm.tag_length)


def _is_usual(iv: bytes) -> bool:
    """Whether the library takes an initialization vector of that length."""
    return 8 <= len(iv) <= 128


def _tag_size(length: float | None) -> int:
    if length is None:
        return _BLOCK
    if not math.isnan(length) and not -(2**31) <= length < 2**31:
        raise type_error(TAG_RANGE)
    bits = 0 if math.isnan(length) else int(length)
    if bits not in _TAG_LENGTHS:
        raise dom_exception("OperationError", TAG_LENGTH.format(length=bits))
    return bits // 8


class CbcKey(AesKey):
    """AES-CBC with PKCS #7 padding."""

    __slots__ = ()

    def encrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        mode = _cbc_mode(algorithm, " bytes")
        encryptor = Cipher(algorithms.AES(self._secret), mode).encryptor()
        padder = PKCS7(_BLOCK * 8).padder()
        padded = padder.update(data) + padder.finalize()
        return encryptor.update(padded) + encryptor.finalize()

    def decrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        decryptor = Cipher(algorithms.AES(self._secret), _cbc_mode(algorithm, "")).decryptor()
        unpadder = PKCS7(_BLOCK * 8).unpadder()
        try:
            padded = decryptor.update(data) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            # The last whole block is held back, as it may be padding.
            held_back = _BLOCK if data and not len(data) % _BLOCK else len(data) % _BLOCK
            raise self._decryption_failed(len(data), len(data) - held_back) from None


def _cbc_mode(algorithm: EncryptAlgorithm, unit: str) -> modes.CBC:
    if algorithm.iv is None:
        raise missing_field("iv")
    if len(algorithm.iv) != _BLOCK:
        text = IV_LENGTH.format(size=len(algorithm.iv), unit=unit)
        raise dom_exception("OperationError", text)
    return modes.CBC(algorithm.iv)


class CtrKey(AesKey):
    """AES-CTR, whose counter is the last `length` bits of the block and wraps within them."""

    __slots__ = ()

    def encrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        counter, length = _counter(algorithm)
        block_count = -(-len(data) // _BLOCK)
        if block_count > 2**length:
            raise dom_exception("OperationError", COUNTER_REPEATS)
        start = int.from_bytes(counter, "big")
        mask = 2**length - 1
        # The cipher carries into the fixed part, so the counter's wrap is where it starts anew.
        until_wrap = (2**length - (start & mask)) * _BLOCK
        wrapped = (start & ~mask).to_bytes(_BLOCK, "big")
        first = self._apply(counter, data[:until_wrap])
        return first + self._apply(wrapped, data[until_wrap:])

    def decrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        return self.encrypt(algorithm, data)

    def _apply(self, counter: bytes, data: bytes) -> bytes:
        if not data:
            return b""
        encryptor = Cipher(algorithms.AES(self._secret), modes.CTR(counter)).encryptor()
        return encryptor.update(data) + encryptor.finalize()


def _counter(algorithm: EncryptAlgorithm) -> tuple[bytes, int]:
    counter, length = algorithm.counter, algorithm.length
    if counter is None:
        raise type_error(MISSING_MEMBER.format(member="counter"))
    if len(counter) != _BLOCK:
        raise dom_exception("OperationError", COUNTER_SIZE.format(size=len(counter)))
    if length is None:
        raise type_error(MISSING_MEMBER.format(member="length"))
    if not 0 < length <= _BLOCK * 8:
        raise dom_exception("OperationError", COUNTER_LENGTH.format(length=length))
    return counter, length


class WrappingKey(AesKey):
    """AES-KW: wraps keys, and nothing else."""

    __slots__ = ()

    def wrap(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        if len(data) % 8:
            raise dom_exception("OperationError", WRAP_MULTIPLE.format(bits=len(data) * 8))
        if len(data) < 16:
            raise dom_exception("OperationError", WRAP_SIZE.format(size=len(data)))
        return keywrap.aes_key_wrap(self._secret, data)

    def unwrap(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        bits = len(data) * 8
        if len(data) % 8:
            raise dom_exception("OperationError", UNWRAP_MULTIPLE.format(bits=bits))
        if len(data) < 24:
            raise dom_exception("OperationError", UNWRAP_SIZE.format(bits=bits))
        try:
            return keywrap.aes_key_unwrap(self._secret, data)
        except keywrap.InvalidUnwrap:
            raise dom_exception("OperationError", UNWRAP_FAILED) from None


_KINDS: dict[str, type[AesKey]] = {
    "AES-GCM": GcmKey,
    "AES-CBC": CbcKey,
    "AES-CTR": CtrKey,
    "AES-KW": WrappingKey,
}


def _allowed_usages(name: str) -> tuple[str, ...]:
    return _WRAP_USAGES if name == "AES-KW" else _USAGES


def _jwk_name(name: str, secret: bytes) -> str:
    return f"A{len(secret) * 8}{name.removeprefix('AES-')}"


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
    check_usages(name, "import secret", usages, _allowed_usages(name))
    if isinstance(data, JsonWebKey):
        secret = _secret_of(name, data, usages, extractable=extractable)
    elif format == "raw":
        secret = _checked(data)
    else:
        raise dom_exception("NotSupportedError", UNKNOWN_FORMAT.format(format=format))
    return _KINDS[name](name, secret, KeyUse.of(usages, extractable=extractable))


def _checked(secret: bytes) -> bytes:
    if len(secret) * 8 not in _LENGTHS:
        raise dom_exception("DataError", IMPORTED_LENGTH.format(bits=len(secret) * 8))
    return secret


def _secret_of(name: str, key: JsonWebKey, usages: list[str], *, extractable: bool) -> bytes:
    if key.kty != "oct":
        raise dom_exception("DataError", WRONG_TYPE.format(kty=key.kty))
    encoded = jwk.decode(key.k)
    if encoded is None:
        raise dom_exception("DataError", NOT_ENCODED)
    jwk.check_extractable(key, name, extractable=extractable)
    secret = _checked(encoded)
    expected = _jwk_name(name, secret)
    if key.alg is not None and key.alg != expected:
        text = WRONG_ALGORITHM.format(alg=key.alg, expected=expected)
        raise dom_exception("DataError", text)
    if usages and key.use is not None and key.use != "enc":
        raise dom_exception("DataError", WRONG_USE.format(use=key.use))
    if key.key_ops is not None:
        _check_operations(key.key_ops, usages)
    return secret


def _check_operations(operations: tuple[str, ...], usages: list[str]) -> None:
    for index, usage in enumerate(operations):
        if usage in operations[:index]:
            raise dom_exception("DataError", DUPLICATE.format(usage=usage))
    for usage in usages:
        if usage not in operations:
            raise dom_exception("DataError", MISSING_USAGE.format(usage=usage))


def generate_key(
    name: str, algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyMaterial:
    """A random key."""
    check_usages(name, "generate", usages, _allowed_usages(name))
    if algorithm.length is None:
        raise missing_field("length")
    if algorithm.length not in _LENGTHS:
        text = GENERATED_LENGTH.format(bits=algorithm.length)
        raise dom_exception("OperationError", text)
    secret = host.current().random_bytes(algorithm.length // 8)
    return _KINDS[name](name, secret, KeyUse.of(usages, extractable=extractable))
