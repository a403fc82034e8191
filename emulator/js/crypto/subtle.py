"""`crypto.subtle`: converts arguments, checks algorithm and usage of keys, and calls the key."""

from __future__ import annotations

import hmac

from emulator.js import host
from emulator.js.buffers import ArrayBuffer, bytes_of
from emulator.js.convert import to_boolean, to_number, to_string
from emulator.js.crypto.algorithms import generate_key, import_key
from emulator.js.crypto.arguments import (
    DeriveAlgorithm,
    EncryptAlgorithm,
    GenerateAlgorithm,
    ImportAlgorithm,
    SignAlgorithm,
    buffer_argument,
    hash_name,
    int32,
    key_argument,
    missing_field,
    not_a_web_key,
    require_digest,
    required,
    usages_argument,
)
from emulator.js.crypto.digests import new_hash
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import CryptoKey, KeyMaterial, KeyPair
from emulator.js.crypto.usages import require_usage
from emulator.js.define import async_method, method
from emulator.js.errors import dom_exception, type_error
from emulator.js.json import parse, stringify
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter

UNEQUAL_LENGTH = "Input buffers must have the same byte length."
USAGE_MISMATCH = 'Requested key usage "{usage}" does not match any usage listed in this CryptoKey.'
ALGORITHM_MISMATCH = (
    'Requested algorithm "{wanted}" does not match this CryptoKey\'s algorithm "{name}".'
)
NOT_EXTRACTABLE = "Attempt to export non-extractable {name} key."
NOT_A_WEB_KEY = 'Import data provided for "jwk" import format must be a JsonWebKey.'
NOT_A_BUFFER = "Import data provided for buffer-based import formats must be a buffer source."
UNKNOWN_FORMAT = 'Unrecognized key import format "{format}".'
MODERN_FORMAT = 'Key format "{format}" requires the webcrypto_modern_algorithms flag.'
UNKNOWN_DERIVED = 'Unrecognized derived key type "{name}" requested.'
DERIVED_AES_LENGTH = (
    "Derived AES key must be 128, 192, or 256 bits in length but provided {length}."
)
DERIVED_HMAC_LENGTH = "HMAC key length must be a non-zero unsigned long integer."
CORRUPT_JSON = 'Missing "kty" field or corrupt JSON unwrapping key?'
BIT_COUNT = "deriveBits length must be an unsigned long integer."

_FORMATS = ("raw", "pkcs8", "spki", "jwk")
_MODERN_FORMATS = ("raw-secret", "raw-public", "raw-private", "raw-seed")


class SubtleCrypto(JsObject, name="SubtleCrypto", constructible=False):
    """`crypto.subtle`."""

    __slots__ = ()

    @async_method
    async def encrypt(
        self, algorithm: JsValue = MISSING, key: JsValue = MISSING, data: JsValue = MISSING
    ) -> JsValue:
        how = EncryptAlgorithm.of(algorithm, "encrypt", 1)
        handle = key_argument(key, "encrypt", 2)
        content = buffer_argument(data, "encrypt", 3)
        return ArrayBuffer(_usable(handle, how.name, "encrypt").encrypt(how, content))

    @async_method
    async def decrypt(
        self, algorithm: JsValue = MISSING, key: JsValue = MISSING, data: JsValue = MISSING
    ) -> JsValue:
        how = EncryptAlgorithm.of(algorithm, "decrypt", 1)
        handle = key_argument(key, "decrypt", 2)
        content = buffer_argument(data, "decrypt", 3)
        return ArrayBuffer(_usable(handle, how.name, "decrypt").decrypt(how, content))

    @async_method
    async def sign(
        self, algorithm: JsValue = MISSING, key: JsValue = MISSING, data: JsValue = MISSING
    ) -> JsValue:
        how = SignAlgorithm.of(algorithm, "sign", 1)
        handle = key_argument(key, "sign", 2)
        content = buffer_argument(data, "sign", 3)
        return ArrayBuffer(_usable(handle, how.name, "sign").sign(how, content))

    @async_method
    async def verify(
        self,
        algorithm: JsValue = MISSING,
        key: JsValue = MISSING,
        signature: JsValue = MISSING,
        data: JsValue = MISSING,
    ) -> JsValue:
        how = SignAlgorithm.of(algorithm, "verify", 1)
        handle = key_argument(key, "verify", 2)
        given = buffer_argument(signature, "verify", 3)
        content = buffer_argument(data, "verify", 4)
        return _usable(handle, how.name, "verify").verify(how, given, content)

    @async_method
    async def digest(self, algorithm: JsValue = MISSING, data: JsValue = MISSING) -> JsValue:
        name = hash_name(algorithm, "HashAlgorithm")
        content = buffer_argument(data, "digest", 2)
        return ArrayBuffer(new_hash(name, content).digest())

    @async_method
    async def generateKey(
        self,
        algorithm: JsValue = MISSING,
        extractable: JsValue = MISSING,
        usages: JsValue = MISSING,
    ) -> JsValue:
        how = GenerateAlgorithm.of(algorithm, "generateKey", 1)
        may_export = to_boolean(required(extractable, "generateKey", 2, "boolean"))
        names = usages_argument(usages, "generateKey", 3)
        host.current().check_io_allowed()
        made = generate_key(how, names, extractable=may_export)
        if isinstance(made, KeyPair):
            pair = {"publicKey": CryptoKey(made.public), "privateKey": CryptoKey(made.private)}
            return PlainObject(pair)
        require_usage(made.use.usages)
        return CryptoKey(made)

    @async_method
    async def deriveKey(
        self,
        algorithm: JsValue = MISSING,
        key: JsValue = MISSING,
        derived: JsValue = MISSING,
        extractable: JsValue = MISSING,
        usages: JsValue = MISSING,
    ) -> JsValue:
        how = DeriveAlgorithm.of(algorithm, "deriveKey", 1)
        handle = key_argument(key, "deriveKey", 2)
        target = ImportAlgorithm.of(derived, "deriveKey", 3)
        may_export = to_boolean(required(extractable, "deriveKey", 4, "boolean"))
        names = usages_argument(usages, "deriveKey", 5)
        material = _usable(handle, how.name, "deriveKey")
        secret = material.derive_bits(how, _derived_bit_count(target))
        return _imported("raw", secret, target, names, extractable=may_export)

    @async_method
    async def deriveBits(
        self, algorithm: JsValue = MISSING, key: JsValue = MISSING, length: JsValue = None
    ) -> JsValue:
        how = DeriveAlgorithm.of(algorithm, "deriveBits", 1)
        handle = key_argument(key, "deriveBits", 2)
        bit_count = None if length is None or length is null else int32(to_number(length))
        if bit_count is not None and bit_count < 0:
            raise type_error(BIT_COUNT)
        material = _usable(handle, how.name, "deriveBits")
        return ArrayBuffer(material.derive_bits(how, bit_count))

    @async_method
    async def importKey(
        self,
        format: JsValue = MISSING,
        data: JsValue = MISSING,
        algorithm: JsValue = MISSING,
        extractable: JsValue = MISSING,
        usages: JsValue = MISSING,
    ) -> JsValue:
        key_format = to_string(required(format, "importKey", 1, "string"))
        content = _key_data(data)
        how = ImportAlgorithm.of(algorithm, "importKey", 3)
        may_export = to_boolean(required(extractable, "importKey", 4, "boolean"))
        names = usages_argument(usages, "importKey", 5)
        return _imported(key_format, content, how, names, extractable=may_export)

    @async_method
    async def exportKey(self, format: JsValue = MISSING, key: JsValue = MISSING) -> JsValue:
        key_format = to_string(required(format, "exportKey", 1, "string"))
        handle = key_argument(key, "exportKey", 2)
        exported = _exported(key_format, handle)
        return exported.as_object() if isinstance(exported, JsonWebKey) else ArrayBuffer(exported)

    @async_method
    async def wrapKey(
        self,
        format: JsValue = MISSING,
        key: JsValue = MISSING,
        wrapping_key: JsValue = MISSING,
        algorithm: JsValue = MISSING,
    ) -> JsValue:
        key_format = to_string(required(format, "wrapKey", 1, "string"))
        handle = key_argument(key, "wrapKey", 2)
        wrapping = key_argument(wrapping_key, "wrapKey", 3)
        how = EncryptAlgorithm.of(algorithm, "wrapKey", 4)
        _check_modern(key_format)
        material = _usable(wrapping, how.name, "wrapKey")
        exported = _exported(key_format, handle)
        if isinstance(exported, JsonWebKey):
            exported = str(stringify(exported.as_object())).encode()
        return ArrayBuffer(material.wrap(how, exported))

    @async_method
    async def unwrapKey(
        self,
        format: JsValue = MISSING,
        wrapped: JsValue = MISSING,
        unwrapping_key: JsValue = MISSING,
        algorithm: JsValue = MISSING,
        unwrapped: JsValue = MISSING,
        extractable: JsValue = MISSING,
        usages: JsValue = MISSING,
    ) -> JsValue:
        key_format = to_string(required(format, "unwrapKey", 1, "string"))
        content = buffer_argument(wrapped, "unwrapKey", 2)
        unwrapping = key_argument(unwrapping_key, "unwrapKey", 3)
        how = EncryptAlgorithm.of(algorithm, "unwrapKey", 4)
        target = ImportAlgorithm.of(unwrapped, "unwrapKey", 5)
        may_export = to_boolean(required(extractable, "unwrapKey", 6, "boolean"))
        names = usages_argument(usages, "unwrapKey", 7)
        _check_modern(key_format)
        plain = _usable(unwrapping, how.name, "unwrapKey").unwrap(how, content)
        data: bytes | JsonWebKey = plain
        if key_format == "jwk":
            data = _unwrapped_jwk(plain)
        return _imported(key_format, data, target, names, extractable=may_export)

    @method
    def timingSafeEqual(self, a: JsValue = MISSING, b: JsValue = MISSING) -> bool:
        first = buffer_argument(a, "timingSafeEqual", 1)
        second = buffer_argument(b, "timingSafeEqual", 2)
        if len(first) != len(second):
            raise type_error(UNEQUAL_LENGTH)
        return hmac.compare_digest(first, second)


def _usable(key: CryptoKey, algorithm: str, usage: str) -> KeyMaterial:
    """A key's material, if the key is of the algorithm and may be used so."""
    material = key.material
    if algorithm.lower() != material.name.lower():
        text = ALGORITHM_MISMATCH.format(wanted=algorithm, name=material.name)
        raise dom_exception("InvalidAccessError", text)
    if usage not in material.use.usages:
        raise dom_exception("InvalidAccessError", USAGE_MISMATCH.format(usage=usage))
    return material


def _key_data(data: JsValue) -> bytes | JsonWebKey:
    content = bytes_of(data)
    if content is not None:
        return content
    if data is null or data is None:
        raise not_a_web_key()
    if not isinstance(data, JsObject):
        raise wrong_parameter("SubtleCrypto", "importKey", 2, "BufferSource or JsonWebKey")
    return JsonWebKey.of(data)


def _unwrapped_jwk(plain: bytes) -> JsonWebKey:
    value = parse(plain.decode("utf-8", "replace"))
    if value is null:
        raise not_a_web_key()
    if not isinstance(value, JsObject):
        raise dom_exception("DataError", CORRUPT_JSON)
    return JsonWebKey.of(value)


def _imported(
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> CryptoKey:
    _check_format(format, data)
    material = import_key(format, data, algorithm, usages, extractable=extractable)
    if material.type != "public":
        require_usage(material.use.usages)
    return CryptoKey(material)


def _check_modern(format: str) -> None:
    if format in _MODERN_FORMATS:
        raise dom_exception("NotSupportedError", MODERN_FORMAT.format(format=format))


def _check_format(format: str, data: bytes | JsonWebKey) -> None:
    _check_modern(format)
    if format not in _FORMATS:
        raise dom_exception("NotSupportedError", UNKNOWN_FORMAT.format(format=format))
    if format == "jwk" and not isinstance(data, JsonWebKey):
        raise type_error(NOT_A_WEB_KEY)
    if format != "jwk" and isinstance(data, JsonWebKey):
        raise type_error(NOT_A_BUFFER)


def _exported(format: str, key: CryptoKey) -> bytes | JsonWebKey:
    _check_modern(format)
    material = key.material
    if not material.use.extractable:
        raise dom_exception("InvalidAccessError", NOT_EXTRACTABLE.format(name=material.name))
    return material.export(format)


def _derived_bit_count(target: ImportAlgorithm) -> int | None:
    """How many bits a key of that kind needs; None: as many as there are."""
    name = target.name.upper()
    if name in ("HKDF", "PBKDF2"):
        return None
    if name in ("AES-GCM", "AES-CBC", "AES-CTR", "AES-KW"):
        if target.length is None:
            raise missing_field("length", "derivedKeyParams")
        if target.length not in (128, 192, 256):
            text = DERIVED_AES_LENGTH.format(length=target.length)
            raise dom_exception("OperationError", text)
        return target.length
    if name != "HMAC":
        raise dom_exception("NotSupportedError", UNKNOWN_DERIVED.format(name=target.name))
    if target.length is None:
        return require_digest(target.hash, "derivedKeyParams").block_bits
    if target.length <= 0:
        raise type_error(DERIVED_HMAC_LENGTH)
    return target.length
