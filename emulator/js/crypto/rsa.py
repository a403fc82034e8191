"""RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP and RSA-RAW (blind signing).

Differs from workerd, where `cryptography` does less: keys have at least 1024 bits, and RSA-OAEP
does not take MD5. The refusals name pyworkers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from emulator.js.buffers import Uint8Array
from emulator.js.crypto import jwk
from emulator.js.crypto.arguments import (
    EncryptAlgorithm,
    GenerateAlgorithm,
    ImportAlgorithm,
    SignAlgorithm,
    missing_field,
    require_digest,
)
from emulator.js.crypto.asymmetric import (
    ENCRYPTING,
    SIGNING,
    AsymmetricKey,
    Imported,
    Usages,
    check_generate,
    import_asymmetric,
    split_uses,
    unknown_algorithm,
)
from emulator.js.crypto.digests import Digest
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyPair, KeyUse
from emulator.js.errors import dom_exception, not_supported, type_error
from emulator.js.plain import PlainObject

NOT_RSA = "Input was not an RSA key."
MODULUS_LENGTH = (
    "The modulus length must be a multiple of 8 and between 256 and 16k, but {length} was "
    "requested."
)
NO_MODULUS = "modulusLength must be greater than zero (requested {length})."
SMALL_MODULUS = "RSA key size is too small."
ODD_MODULUS = "Can't generate key: RSA key size is required to be a multiple of 128"
EXPONENT = 'The "publicExponent" must be either 3 or 65537, but got {exponent}.'
HUGE_EXPONENT = "a number larger than 2^32"
# workerd names this algorithm whichever it is.
WRONG_TYPE = (
    'RSASSA-PKCS1-v1_5 "jwk" key import requires a JSON Web Key with Key Type parameter "kty" '
    '("{kty}") equal to "RSA".'
)
WRONG_ALGORITHM = (
    'JSON Web Key Algorithm parameter "alg" ("{alg}") does not match requested hash algorithm '
    '"{alg}".'
)
NO_JWK_NAME = 'JWK export not supported for hash algorithm "{name}".'
INVALID_NUMBER = 'Invalid RSA key in JSON Web Key; {problem} parameter ("{member}").'
MULTI_PRIME = "Multi-prime private keys not supported."
INCOMPLETE = (
    "Invalid RSA private key in JSON Web Key; if one Prime Factor or CRT Exponent/Coefficient "
    'parameter is present, then they must all be present ("p", "q", "dp", "dq", "qi").'
)
NO_SALT = "Failed to provide salt for RSA-PSS key operation which requires a salt"
NEGATIVE_SALT = "SaltLength for RSA-PSS must be non-negative (provided {length})."
LONG_SALT = "key too small for signing with given digest and salt length"
OAEP_FAILED = "RSA-OAEP failed encrypt/decrypt."
OAEP_SMALL_KEY = "RSA-OAEP failed encrypt/decrypt: RSA key size is too small.."
OAEP_LENGTH = "RSA-OAEP failed encrypt/decrypt: Invalid RSA signature.."
ONLY_PRIVATE = 'RSA-RAW only supports private keys but requested "public".'
RAW_LENGTH = "Invalid RSA signature."

_LEAST_BITS = 1024
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "MD5": hashes.MD5(),  # noqa: S303 - whoever asks for it gets it
    "SHA-1": hashes.SHA1(),  # noqa: S303 - as above
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
# What JSON Web Keys call the algorithms, without the digest.
_JWK_NAMES = {"RSASSA-PKCS1-v1_5": "RS", "RSA-PSS": "PS", "RSA-OAEP": "RSA-OAEP-"}
_JWK_NAME = re.compile(r"(RS|PS)(1|256|384|512)|RSA-OAEP(-256|-384|-512)?")


class RsaKey(AsymmetricKey):
    """What all RSA algorithms have in common."""

    __slots__ = ("_digest", "_exponent")

    def __init__(
        self, name: str, imported: Imported, digest: Digest | None, exponent: bytes, use: KeyUse
    ) -> None:
        super().__init__(name, imported, use)
        self._digest = digest
        self._exponent = exponent

    def algorithm(self) -> PlainObject:
        digest = None if self._digest is None else PlainObject({"name": self._digest.name})
        members = {
            "name": self.name,
            "modulusLength": self._byte_count * 8,
            "publicExponent": Uint8Array.from_bytes(self._exponent),
            "hash": digest,
        }
        return PlainObject(members)

    @property
    def _hash(self) -> hashes.HashAlgorithm:
        assert self._digest is not None
        return _HASHES[self._digest.name]

    @property
    def _byte_count(self) -> int:
        return int(self._key.key_size + 7) // 8

    def _as_jwk(self) -> JsonWebKey:
        assert self._digest is not None
        if self._digest.jwk_suffix is None:
            text = NO_JWK_NAME.format(name=self._digest.name)
            raise dom_exception("NotSupportedError", text)
        private = self._key.private_numbers() if self.type == "private" else None
        public = self._key.public_numbers() if private is None else private.public_numbers
        secrets = {} if private is None else _private_members(private)
        return JsonWebKey(
            kty="RSA",
            key_ops=self.use.usages,
            alg=_jwk_name(self.name, self._digest),
            ext=True,
            n=jwk.encode_integer(public.n),
            e=jwk.encode_integer(public.e),
            **secrets,
        )


def _private_members(numbers: rsa.RSAPrivateNumbers) -> dict[str, Any]:
    members = {
        "d": numbers.d, "p": numbers.p, "q": numbers.q,
        "dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp,
    }  # fmt: skip
    return {name: jwk.encode_integer(number) for name, number in members.items()}


class SigningKey(RsaKey):
    """RSASSA-PKCS1-v1_5."""

    __slots__ = ()

    def _padding(self, algorithm: SignAlgorithm) -> padding.AsymmetricPadding:
        return padding.PKCS1v15()

    def _verify_padding(self, algorithm: SignAlgorithm) -> padding.AsymmetricPadding:
        return self._padding(algorithm)

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        scheme = self._padding(algorithm)
        try:
            return bytes(self._key.sign(data, scheme, self._hash))
        except ValueError:
            raise dom_exception("OperationError", LONG_SALT) from None
        except UnsupportedAlgorithm:
            raise self._no_digest() from None

    def verify(self, algorithm: SignAlgorithm, signature: bytes, data: bytes) -> bool:
        scheme = self._verify_padding(algorithm)
        try:
            self._key.verify(signature, data, scheme, self._hash)
        except InvalidSignature:
            return False
        except UnsupportedAlgorithm:
            raise self._no_digest() from None
        return True

    def _no_digest(self) -> Exception:
        assert self._digest is not None
        return not_supported(f"{self.name} with {self._digest.name}")


class PssKey(SigningKey):
    """RSA-PSS."""

    __slots__ = ()

    def _padding(self, algorithm: SignAlgorithm) -> padding.AsymmetricPadding:
        length = algorithm.salt_length
        if length is None:
            raise dom_exception("DataError", NO_SALT)
        if length < 0:
            raise dom_exception("DataError", NEGATIVE_SALT.format(length=length))
        return padding.PSS(padding.MGF1(self._hash), length)

    def _verify_padding(self, algorithm: SignAlgorithm) -> padding.AsymmetricPadding:
        if algorithm.salt_length is None:
            raise type_error(NO_SALT)
        return self._padding(algorithm)


class OaepKey(RsaKey):
    """RSA-OAEP."""

    __slots__ = ()

    def _padding(self, algorithm: EncryptAlgorithm) -> padding.AsymmetricPadding:
        if isinstance(self._hash, hashes.MD5):
            raise not_supported("RSA-OAEP with MD5")
        return padding.OAEP(padding.MGF1(self._hash), self._hash, algorithm.label or None)

    def encrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        scheme = self._padding(algorithm)
        if self._byte_count < 2 * self._hash.digest_size + 2:
            raise dom_exception("OperationError", OAEP_SMALL_KEY)
        try:
            return bytes(self._key.encrypt(data, scheme))
        except ValueError:
            raise dom_exception("OperationError", OAEP_FAILED) from None

    def decrypt(self, algorithm: EncryptAlgorithm, data: bytes) -> bytes:
        scheme = self._padding(algorithm)
        if len(data) != self._byte_count:
            raise dom_exception("OperationError", OAEP_LENGTH)
        try:
            return bytes(self._key.decrypt(data, scheme))
        except ValueError:
            raise dom_exception("OperationError", OAEP_FAILED) from None


class RawKey(RsaKey):
    """RSA-RAW: the bare operation, which blind signatures need."""

    __slots__ = ()

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        if len(data) != self._byte_count:
            raise dom_exception("OperationError", RAW_LENGTH)
        numbers = self._key.private_numbers()
        result: int = pow(int.from_bytes(data, "big"), numbers.d, numbers.public_numbers.n)
        return result.to_bytes(self._byte_count, "big")


_KINDS: dict[str, type[RsaKey]] = {
    "RSASSA-PKCS1-v1_5": SigningKey,
    "RSA-PSS": PssKey,
    "RSA-OAEP": OaepKey,
    "RSA-RAW": RawKey,
}


def _usages(name: str) -> Usages:
    return ENCRYPTING if name == "RSA-OAEP" else SIGNING


def _jwk_name(name: str, digest: Digest) -> str:
    if name == "RSA-OAEP" and digest.name == "SHA-1":
        return "RSA-OAEP"
    return f"{_JWK_NAMES[name]}{digest.jwk_suffix}"


def import_key(
    name: str,
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> KeyMaterial:
    """A key in pkcs8, spki or jwk."""
    digest = None if name == "RSA-RAW" else require_digest(algorithm.hash)

    def read(key: JsonWebKey) -> Any:
        return _read_jwk(name, digest, key)

    imported = import_asymmetric(
        name, format, data, usages, _usages(name), read, extractable=extractable
    )
    if not isinstance(imported.key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        raise dom_exception("DataError", NOT_RSA)
    if name == "RSA-RAW" and imported.type == "public":
        raise dom_exception("DataError", ONLY_PRIVATE)
    _check_modulus((imported.key.key_size + 7) // 8 * 8)
    use = KeyUse.of(usages, extractable=extractable)
    exponent = _exponent_of(imported.key)
    return _KINDS[name](name, imported, digest, exponent, use)


def _exponent_of(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> bytes:
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
    exponent = public.public_numbers().e
    return exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")


def _check_modulus(length: int) -> None:
    if length % 8 or not 256 <= length <= 16384:
        raise dom_exception("OperationError", MODULUS_LENGTH.format(length=length))


def _read_jwk(name: str, digest: Digest | None, key: JsonWebKey) -> Any:
    if key.kty != "RSA":
        raise dom_exception("DataError", WRONG_TYPE.format(kty=key.kty))
    if key.alg is not None:
        if not _JWK_NAME.fullmatch(key.alg):
            raise unknown_algorithm(key.alg)
        if digest is not None and not _same_digest(key.alg, digest):
            raise dom_exception("DataError", WRONG_ALGORITHM.format(alg=key.alg))
    if key.d is not None and key.oth is not None:
        raise dom_exception("NotSupportedError", MULTI_PRIME)
    modulus = _number(key.n, "n", "missing or invalid Modulus")
    exponent = _number(key.e, "e", "missing or invalid Exponent")
    public = rsa.RSAPublicNumbers(exponent, modulus)
    if key.d is None:
        return _make(public.public_key, modulus)
    private = _private_numbers(key, public)
    return _make(lambda: private.private_key(unsafe_skip_rsa_key_validation=True), modulus)


def _same_digest(alg: str, digest: Digest) -> bool:
    # workerd asks only whether the digest is the same, not whether the algorithm is.
    suffix = "1" if alg == "RSA-OAEP" else alg.removeprefix("RSA-OAEP-")
    return suffix.lstrip("RPS") == digest.jwk_suffix


def _make(make: Callable[[], Any], modulus: int) -> Any:
    bits = (modulus.bit_length() + 7) // 8 * 8
    _check_modulus(bits)
    if bits < _LEAST_BITS:
        raise not_supported(f"RSA keys of {bits} bits")
    try:
        return make()
    except ValueError:
        raise dom_exception("DataError", NOT_RSA) from None


def _private_numbers(key: JsonWebKey, public: rsa.RSAPublicNumbers) -> rsa.RSAPrivateNumbers:
    d = _number(key.d, "d", "missing or invalid Private Exponent")
    optional = (key.p, key.q, key.dp, key.dq, key.qi)
    if all(member is None for member in optional):
        p, q = rsa.rsa_recover_prime_factors(public.n, public.e, d)
        dp, dq = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q)
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, rsa.rsa_crt_iqmp(p, q), public)
    if any(member is None for member in optional):
        raise dom_exception("DataError", INCOMPLETE)
    return rsa.RSAPrivateNumbers(
        p=_number(key.p, "p", "invalid First Prime Factor"),
        q=_number(key.q, "q", "invalid Second Prime Factor"),
        d=d,
        dmp1=_number(key.dp, "dp", "invalid First Factor CRT Exponent"),
        dmq1=_number(key.dq, "dq", "invalid Second Factor CRT Exponent"),
        iqmp=_number(key.qi, "qi", "invalid First CRT Coefficient"),
        public_numbers=public,
    )


def _number(text: str | None, member: str, problem: str) -> int:
    number = jwk.decode_integer(text)
    if number is None:
        error = INVALID_NUMBER.format(problem=problem, member=member)
        raise dom_exception("DataError", error)
    return number


def generate_key(
    name: str, algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyPair:
    """A new pair. Its primes come from the operating system, not from the Entropy port."""
    if algorithm.public_exponent is None:
        raise missing_field("publicExponent")
    if algorithm.hash is None:
        raise missing_field("hash")
    if algorithm.modulus_length is None:
        raise missing_field("modulusLength")
    digest = require_digest(algorithm.hash)
    allowed = _usages(name)
    check_generate(name, usages, allowed)
    public_use, private_use = split_uses(usages, allowed, extractable=extractable)
    exponent = _checked_parameters(algorithm.modulus_length, algorithm.public_exponent)
    private = rsa.generate_private_key(exponent, algorithm.modulus_length)
    kind = _KINDS[name]
    shown = algorithm.public_exponent
    return KeyPair(
        kind(name, Imported(private.public_key(), "public"), digest, shown, public_use),
        kind(name, Imported(private, "private"), digest, shown, private_use),
    )


def _checked_parameters(length: int, exponent_bytes: bytes) -> int:
    if length <= 0:
        raise dom_exception("OperationError", NO_MODULUS.format(length=length))
    _check_modulus(length)
    exponent = int.from_bytes(exponent_bytes, "big")
    if exponent not in (3, 65537):
        shown = HUGE_EXPONENT if exponent >= 2**32 else exponent
        raise dom_exception("OperationError", EXPONENT.format(exponent=shown))
    if length < 512:
        raise dom_exception("OperationError", SMALL_MODULUS)
    if length % 128:
        raise dom_exception("OperationError", ODD_MODULUS)
    if length < _LEAST_BITS:
        raise not_supported(f"RSA keys of {length} bits")
    return exponent
