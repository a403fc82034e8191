"""`crypto`: random values, digests, and HMAC keys.

Guarantees: errors of what is here are Cloudflare's. Algorithms of SubtleCrypto other than digests
and HMAC fail with a NotSupportedError that names pyworkers.
Source: workerd src/workerd/api/crypto/; Web Cryptography API.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import TYPE_CHECKING, Literal

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.buffers import ArrayBuffer, TypedArray, bytes_of
from emulator.js.convert import get_option, to_boolean, to_integer, to_string
from emulator.js.define import async_method, getter, method
from emulator.js.errors import JsThrow, dom_exception, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_parameter

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

TOO_MANY_BYTES = "getRandomValues() only accepts buffers of size <= 64K but provided {count} bytes."
NOT_INTEGERS = "ArrayBufferView argument to getRandomValues() must be an integer-typed view."
UNKNOWN_DIGEST = "Unrecognized or unimplemented digest algorithm requested."
UNEQUAL_LENGTH = "Input buffers must have the same byte length."
MISSING_FIELD = 'Missing field "{field}" in "algorithm".'
UNKNOWN_ALGORITHM = 'Unrecognized key import algorithm "{name}" requested.'
UNKNOWN_FORMAT = 'Unrecognized key import format "{format}".'
UNKNOWN_EXPORT = 'Unimplemented key export format "{format}".'
INVALID_USAGE = 'Attempt to {action} HMAC key with invalid usage "{usage}".'
NO_USAGE = "Secret/private CryptoKeys must have at least one usage."
KEY_LENGTH = (
    "Imported HMAC key length ({length}) must be a non-zero value up to 7 bits less than, and no "
    "greater than, the bit length of the raw key data ({bits})."
)
USAGE_MISMATCH = 'Requested key usage "{usage}" does not match any usage listed in this CryptoKey.'
ALGORITHM_MISMATCH = (
    'Requested algorithm "{wanted}" does not match this CryptoKey\'s algorithm "{name}".'
)
NOT_EXTRACTABLE = "Attempt to export non-extractable HMAC key."

_MOST_RANDOM_BYTES = 65536
# Name -> (name in hashlib, HMAC block length in bits, algorithm name in a JsonWebKey).
_DIGESTS = {
    "MD5": ("md5", 512, ""),
    "SHA-1": ("sha1", 512, "HS1"),
    "SHA-256": ("sha256", 512, "HS256"),
    "SHA-384": ("sha384", 1024, "HS384"),
    "SHA-512": ("sha512", 1024, "HS512"),
}
_KNOWN_ALGORITHM_NAMES = """
AES-GCM AES-CBC AES-CTR AES-KW RSASSA-PKCS1-V1_5 RSA-PSS RSA-OAEP ECDSA ECDH ED25519 NODE-ED25519
X25519 PBKDF2 HKDF"""
_KNOWN_ALGORITHMS = frozenset(_KNOWN_ALGORITHM_NAMES.split())
_INTEGER_ARRAY_NAMES = """
Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array
BigUint64Array"""
_INTEGER_ARRAYS = frozenset(_INTEGER_ARRAY_NAMES.split())
_HMAC_USAGES = ("sign", "verify")
Action = Literal["import secret", "generate"]


class CryptoKey(JsObject, name="CryptoKey", constructible=False):
    """A secret key for HMAC."""

    __slots__ = ("_extractable", "_usages", "hash", "length", "secret")

    def __init__(
        self, secret: bytes, hash: str, length: int, usages: list[str], *, extractable: bool
    ) -> None:
        super().__init__()
        self.secret = secret
        self.hash = hash
        self.length = length
        self._usages = usages
        self._extractable = extractable

    @getter
    def type(self) -> str:
        return "secret"

    @getter
    def extractable(self) -> bool:
        return self._extractable

    @getter
    def algorithm(self) -> PlainObject:
        digest = PlainObject({"name": self.hash})
        return PlainObject({"name": "HMAC", "hash": digest, "length": self.length})

    @getter
    def usages(self) -> JsArray:
        return JsArray(list(self._usages))


class SubtleCrypto(JsObject, name="SubtleCrypto", constructible=False):
    """`crypto.subtle`."""

    __slots__ = ()

    @async_method
    async def digest(self, algorithm: JsValue = None, data: JsValue = None) -> JsValue:
        content = _buffer(data, "digest", 2)
        return ArrayBuffer(new_digest(algorithm_name(algorithm), content).digest())

    @method
    def timingSafeEqual(self, a: JsValue = None, b: JsValue = None) -> bool:
        first = _buffer(a, "timingSafeEqual", 1)
        second = _buffer(b, "timingSafeEqual", 2)
        if len(first) != len(second):
            raise type_error(UNEQUAL_LENGTH)
        return hmac.compare_digest(first, second)

    @async_method
    async def importKey(
        self,
        format: JsValue = None,
        data: JsValue = None,
        algorithm: JsValue = None,
        extractable: JsValue = None,
        usages: JsValue = None,
    ) -> JsValue:
        key_format = to_string(format)
        secret = bytes_of(data)
        if secret is None and not isinstance(data, JsObject):
            raise wrong_parameter("SubtleCrypto", "importKey", 2, "BufferSource or JsonWebKey")
        names = _usage_names(usages, "importKey", 5)
        _require_hmac(algorithm, "importKey")
        if key_format == "jwk":
            secret = _secret_of_jwk(data)
        elif key_format != "raw":
            raise dom_exception("NotSupportedError", UNKNOWN_FORMAT.format(format=key_format))
        if secret is None:
            raise wrong_parameter("SubtleCrypto", "importKey", 2, "BufferSource")
        hash_name = _hash_of(algorithm)
        _check_usages(names, "import secret")
        bits = len(secret) * 8
        wanted = get_option(algorithm, "length")
        length = bits if wanted is None else to_integer(wanted)
        if length == 0 or length > bits or length <= bits - 8:
            text = KEY_LENGTH.format(length=length, bits=bits)
            raise dom_exception("DataError", text)
        return CryptoKey(secret, hash_name, length, names, extractable=to_boolean(extractable))

    @async_method
    async def generateKey(
        self, algorithm: JsValue = None, extractable: JsValue = None, usages: JsValue = None
    ) -> JsValue:
        names = _usage_names(usages, "generateKey", 3)
        _require_hmac(algorithm, "generateKey")
        hash_name = _hash_of(algorithm)
        _check_usages(names, "generate")
        host.current().check_io_allowed()
        wanted = get_option(algorithm, "length")
        length = _DIGESTS[hash_name][1] if wanted is None else to_integer(wanted)
        secret = host.current().random_bytes((length + 7) // 8)
        return CryptoKey(secret, hash_name, length, names, extractable=to_boolean(extractable))

    @async_method
    async def exportKey(self, format: JsValue = None, key: JsValue = None) -> JsValue:
        if not isinstance(key, CryptoKey):
            raise wrong_parameter("SubtleCrypto", "exportKey", 2, "CryptoKey")
        if not key.extractable:
            raise dom_exception("InvalidAccessError", NOT_EXTRACTABLE)
        key_format = to_string(format)
        if key_format == "raw":
            return ArrayBuffer(key.secret)
        if key_format == "jwk":
            return _jwk_of(key)
        raise dom_exception("NotSupportedError", UNKNOWN_EXPORT.format(format=key_format))

    @async_method
    async def sign(
        self, algorithm: JsValue = None, key: JsValue = None, data: JsValue = None
    ) -> JsValue:
        usable = _usable_key(algorithm, key, "sign", 2)
        return ArrayBuffer(_signature(usable, _buffer(data, "sign", 3)))

    @async_method
    async def verify(
        self,
        algorithm: JsValue = None,
        key: JsValue = None,
        signature: JsValue = None,
        data: JsValue = None,
    ) -> JsValue:
        usable = _usable_key(algorithm, key, "verify", 2)
        given = _buffer(signature, "verify", 3)
        return hmac.compare_digest(given, _signature(usable, _buffer(data, "verify", 4)))

    @async_method
    async def encrypt(self, algorithm: JsValue = None) -> JsValue:
        raise _unsupported("encrypt", algorithm_name(algorithm))

    @async_method
    async def decrypt(self, algorithm: JsValue = None) -> JsValue:
        raise _unsupported("decrypt", algorithm_name(algorithm))

    @async_method
    async def deriveBits(self, algorithm: JsValue = None) -> JsValue:
        raise _unsupported("deriveBits", algorithm_name(algorithm))

    @async_method
    async def deriveKey(self, algorithm: JsValue = None) -> JsValue:
        raise _unsupported("deriveKey", algorithm_name(algorithm))

    @async_method
    async def wrapKey(self, format: JsValue = None) -> JsValue:
        raise _unsupported("wrapKey", to_string(format))

    @async_method
    async def unwrapKey(self, format: JsValue = None) -> JsValue:
        raise _unsupported("unwrapKey", to_string(format))


class Crypto(JsObject, name="Crypto", constructible=False):
    """The `crypto` global."""

    __slots__ = ("_subtle",)

    def __init__(self) -> None:
        super().__init__()
        self._subtle = SubtleCrypto()

    @getter
    def subtle(self) -> SubtleCrypto:
        return self._subtle

    @getter
    def DigestStream(self) -> JsValue:
        from emulator.js.digest_stream import DigestStream  # noqa: PLC0415 - built on this module

        return DigestStream.js_constructor

    @method
    def randomUUID(self) -> str:
        host.current().check_io_allowed()
        return str(uuid.UUID(bytes=host.current().random_bytes(16), version=4))

    @method
    def getRandomValues(self, view: JsValue = None) -> JsValue:
        if not isinstance(view, JsObject) or not ArrayBuffer.isView(view):
            raise wrong_parameter("Crypto", "getRandomValues", 1, "ArrayBufferView")
        if not isinstance(view, TypedArray) or view.js_class_name not in _INTEGER_ARRAYS:
            raise dom_exception("TypeMismatchError", NOT_INTEGERS)
        count = len(view.tobytes())
        if count > _MOST_RANDOM_BYTES:
            raise dom_exception("QuotaExceededError", TOO_MANY_BYTES.format(count=count))
        host.current().check_io_allowed()
        start = view.byte_offset
        view.buffer.data[start : start + count] = host.current().random_bytes(count)
        return view


def new_digest(name: str, data: bytes = b"") -> Hash:
    """A hash by its Web Cryptography name."""
    return hashlib.new(_DIGESTS[_digest_name(name)][0], data, usedforsecurity=False)


def _signature(key: CryptoKey, data: bytes) -> bytes:
    return hmac.new(key.secret, data, _DIGESTS[key.hash][0]).digest()


def _buffer(value: JsValue, member: str, index: int) -> bytes:
    data = bytes_of(value)
    if data is None:
        raise wrong_parameter("SubtleCrypto", member, index, "BufferSource")
    return data


def algorithm_name(algorithm: JsValue) -> str:
    """The name in a string or `{name}`."""
    name = get_option(algorithm, "name") if isinstance(algorithm, JsObject) else algorithm
    return "" if name is None else to_string(name)


def _digest_name(name: str) -> str:
    upper = name.upper()
    if upper not in _DIGESTS:
        raise dom_exception("NotSupportedError", UNKNOWN_DIGEST)
    return upper


def _hash_of(algorithm: JsValue) -> str:
    value = get_option(algorithm, "hash")
    if value is None:
        raise type_error(MISSING_FIELD.format(field="hash"))
    return _digest_name(algorithm_name(value))


def _require_hmac(algorithm: JsValue, operation: str) -> None:
    name = algorithm_name(algorithm)
    if name.upper() == "HMAC":
        return
    if name.upper() in _KNOWN_ALGORITHMS:
        raise _unsupported(operation, name)
    raise dom_exception("NotSupportedError", UNKNOWN_ALGORITHM.format(name=name))


def _unsupported(operation: str, what: str) -> JsThrow:
    text = f"pyworkers does not support crypto.subtle.{operation}() with {what} yet."
    return dom_exception("NotSupportedError", text)


def _usage_names(usages: JsValue, member: str, index: int) -> list[str]:
    if not isinstance(usages, JsArray):
        raise wrong_parameter("SubtleCrypto", member, index, "Array")
    return [to_string(usage) for usage in usages.items]


def _check_usages(names: list[str], action: Action) -> None:
    for name in names:
        if name not in _HMAC_USAGES:
            text = INVALID_USAGE.format(action=action, usage=name)
            raise dom_exception("SyntaxError", text)
    if not names:
        raise dom_exception("SyntaxError", NO_USAGE)


def _usable_key(algorithm: JsValue, key: JsValue, usage: str, index: int) -> CryptoKey:
    if not isinstance(key, CryptoKey):
        raise wrong_parameter("SubtleCrypto", usage, index, "CryptoKey")
    wanted = algorithm_name(algorithm)
    if wanted.upper() != "HMAC":
        text = ALGORITHM_MISMATCH.format(wanted=wanted, name="HMAC")
        raise dom_exception("InvalidAccessError", text)
    if usage not in key._usages:
        raise dom_exception("InvalidAccessError", USAGE_MISMATCH.format(usage=usage))
    return key


def _secret_of_jwk(data: JsValue) -> bytes | None:
    encoded = get_option(data, "k")
    if not isinstance(encoded, str):
        return None
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _jwk_of(key: CryptoKey) -> PlainObject:
    encoded = base64.urlsafe_b64encode(key.secret).decode().rstrip("=")
    return PlainObject(
        {
            "kty": "oct",
            "key_ops": key.usages,
            "alg": _DIGESTS[key.hash][2],
            "ext": True,
            "k": encoded,
        }
    )
