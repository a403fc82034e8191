"""ECDSA and ECDH over P-256, P-384 and P-521."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from emulator.js import host
from emulator.js.crypto import jwk
from emulator.js.crypto.arguments import (
    DeriveAlgorithm,
    GenerateAlgorithm,
    ImportAlgorithm,
    SignAlgorithm,
    missing_field,
)
from emulator.js.crypto.asymmetric import (
    DERIVING,
    SIGNING,
    AsymmetricKey,
    Imported,
    Usages,
    check_generate,
    check_import,
    import_asymmetric,
    split_uses,
    unknown_algorithm,
)
from emulator.js.crypto.digests import digest_of
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyPair, KeyUse
from emulator.js.crypto.shared_secret import check_peer, truncated
from emulator.js.errors import dom_exception, not_supported, type_error
from emulator.js.plain import PlainObject

UNKNOWN_CURVE = 'Unrecognized or unimplemented EC curve "{name}" requested.'
NOT_EC = {
    "ECDSA": "Input was not an EC key.",
    "ECDH": "Input was not an EC public key nor a DH key.",
}
WRONG_CURVE = {
    "ECDSA": '"algorithm.namedCurve" "{name}" does not match the curve specified by the input key '
    "data.",
    "ECDH": '"algorithm.namedCurve" "{name}", does not match the curve specified by the input key '
    "data.",
}
RAW_EMPTY = "Failed to import raw EC key data."
RAW_ENCODING = "Failed to import raw EC key data: Invalid point encoding.."
RAW_NO_POINT = "Failed to import raw EC key data: Point is not on curve.."
RAW_PRIVATE = "Raw export of elliptic curve keys is only allowed for public keys."
WRONG_TYPE = (
    'Elliptic curve "jwk" key import requires a JSON Web Key with Key Type parameter "kty" '
    '("{kty}") equal to "EC".'
)
WRONG_ALGORITHM = 'JSON Web Key Algorithm parameter "alg" ("{alg}") does not match requested curve.'
MISSING_COORDINATE = 'Invalid EC key in JSON Web Key; missing "{member}".'
INVALID_PRIVATE = 'Invalid EC key in JSON Web Key; missing or invalid private key component ("d").'
INVALID_KEY = "Invalid EC key in JSON Web Key."
NO_POINT = 'Invalid EC key; public key coordinates "x" and "y" are invalid: Point is not on curve..'
NO_HASH = (
    'Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be specified '
    "at call time rather than on the key. This differs from other WebCrypto algorithms for "
    "historical reasons.)"
)
OTHER_CURVE = (
    'Private key for derivation is using curve "{name}" while public key is using "{other}".'
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve, and what JSON Web Keys call ECDSA over it."""

    name: str
    curve: ec.EllipticCurve
    size: int
    jwk_name: str


_CURVES = {
    curve.name: curve
    for curve in (
        Curve("P-256", ec.SECP256R1(), 32, "ES256"),
        Curve("P-384", ec.SECP384R1(), 48, "ES384"),
        Curve("P-521", ec.SECP521R1(), 66, "ES512"),
    )
}
_JWK_NAMES = {curve.jwk_name: curve for curve in _CURVES.values()}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA-1": hashes.SHA1(),  # noqa: S303 - whoever asks for it gets it
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}


class EllipticKey(AsymmetricKey):
    """What both algorithms have in common."""

    __slots__ = ("curve",)

    def __init__(self, name: str, imported: Imported, curve: Curve, use: KeyUse) -> None:
        super().__init__(name, imported, use)
        self.curve = curve

    def algorithm(self) -> PlainObject:
        return PlainObject({"name": self.name, "namedCurve": self.curve.name})

    def _as_raw(self) -> bytes:
        if self.type != "public":
            raise dom_exception("InvalidAccessError", RAW_PRIVATE)
        point = serialization.PublicFormat.UncompressedPoint
        return bytes(self._key.public_bytes(serialization.Encoding.X962, point))

    def _as_jwk(self) -> JsonWebKey:
        size = self.curve.size
        private = self._key.private_numbers() if self.type == "private" else None
        public = self._key.public_numbers() if private is None else private.public_numbers
        return JsonWebKey(
            kty="EC",
            key_ops=self.use.usages,
            ext=True,
            crv=self.curve.name,
            x=jwk.encode_integer(public.x, size),
            y=jwk.encode_integer(public.y, size),
            d=None if private is None else jwk.encode_integer(private.private_value, size),
        )


class EcdsaKey(EllipticKey):
    """ECDSA: signatures are the two numbers, each as long as the curve's."""

    __slots__ = ()

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        encoded = self._key.sign(data, ec.ECDSA(_hash_of(algorithm)))
        size = self.curve.size
        return b"".join(part.to_bytes(size, "big") for part in decode_dss_signature(encoded))

    def verify(self, algorithm: SignAlgorithm, signature: bytes, data: bytes) -> bool:
        scheme = ec.ECDSA(_hash_of(algorithm))
        size = self.curve.size
        if len(signature) != 2 * size:
            return False
        r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
        try:
            self._key.verify(encode_dss_signature(r, s), data, scheme)
        except InvalidSignature:
            return False
        return True


def _hash_of(algorithm: SignAlgorithm) -> hashes.HashAlgorithm:
    if algorithm.hash is None:
        raise type_error(NO_HASH)
    name = digest_of(algorithm.hash).name
    if name not in _HASHES:
        # workerd fails with an internal error here.
        raise not_supported(f"ECDSA with {name}")
    return _HASHES[name]


class EcdhKey(EllipticKey):
    """ECDH: the secret is the shared point's x."""

    __slots__ = ()

    def derive_bits(self, algorithm: DeriveAlgorithm, bit_count: int | None) -> bytes:
        peer = check_peer(self, algorithm)
        assert isinstance(peer, EllipticKey)
        if peer.curve is not self.curve:
            text = OTHER_CURVE.format(name=self.curve.name, other=peer.curve.name)
            raise dom_exception("InvalidAccessError", text)
        return truncated(self._key.exchange(ec.ECDH(), peer._key), bit_count)


_KINDS: dict[str, type[EllipticKey]] = {"ECDSA": EcdsaKey, "ECDH": EcdhKey}


def _usages(name: str) -> Usages:
    return SIGNING if name == "ECDSA" else DERIVING


def _curve_of(named_curve: str | None) -> Curve:
    if named_curve is None:
        raise missing_field("namedCurve")
    curve = _CURVES.get(named_curve.upper())
    if curve is None:
        raise dom_exception("NotSupportedError", UNKNOWN_CURVE.format(name=named_curve))
    return curve


def import_key(
    name: str,
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> KeyMaterial:
    """A key in raw, pkcs8, spki or jwk."""
    curve = _curve_of(algorithm.named_curve)
    if format == "raw" and not isinstance(data, JsonWebKey):
        check_import(name, "public", usages, _usages(name))
        imported = Imported(_read_point(curve, data), "public")
    else:
        imported = import_asymmetric(
            name,
            format,
            data,
            usages,
            _usages(name),
            lambda key: _read_jwk(name, curve, key),
            extractable=extractable,
        )
    _check_key(name, imported.key, curve)
    return _KINDS[name](name, imported, curve, KeyUse.of(usages, extractable=extractable))


def _check_key(name: str, key: Any, curve: Curve) -> None:
    if not isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        raise dom_exception("DataError", NOT_EC[name])
    if key.curve.name != curve.curve.name:
        raise dom_exception("DataError", WRONG_CURVE[name].format(name=curve.name))


def _read_point(curve: Curve, data: bytes) -> ec.EllipticCurvePublicKey:
    if not data:
        raise dom_exception("DataError", RAW_EMPTY)
    is_point = (data[0] == 4 and len(data) == 2 * curve.size + 1) or (
        data[0] in (2, 3) and len(data) == curve.size + 1
    )
    if not is_point:
        raise dom_exception("DataError", RAW_ENCODING)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, data)
    except ValueError:
        raise dom_exception("DataError", RAW_NO_POINT) from None


def _read_jwk(name: str, curve: Curve, key: JsonWebKey) -> Any:
    if key.kty != "EC":
        raise dom_exception("DataError", WRONG_TYPE.format(kty=key.kty))
    if key.alg is not None and name == "ECDSA":
        if key.alg not in _JWK_NAMES:
            raise unknown_algorithm(key.alg)
        if _JWK_NAMES[key.alg] is not curve:
            raise dom_exception("DataError", WRONG_ALGORITHM.format(alg=key.alg))
    x = _coordinate(key.x, "x")
    y = _coordinate(key.y, "y")
    public = ec.EllipticCurvePublicNumbers(x, y, curve.curve)
    try:
        public_key = public.public_key()
    except ValueError:
        raise dom_exception("OperationError", NO_POINT) from None
    if key.d is None:
        return public_key
    return _private_key(key.d, public)


def _private_key(encoded: str, public: ec.EllipticCurvePublicNumbers) -> Any:
    d = jwk.decode_integer(encoded)
    if d is None:
        raise dom_exception("DataError", INVALID_PRIVATE)
    try:
        return ec.EllipticCurvePrivateNumbers(d, public).private_key()
    except ValueError:
        raise dom_exception("DataError", INVALID_KEY) from None


def _coordinate(text: str | None, member: str) -> int:
    number = jwk.decode_integer(text)
    if number is None:
        raise dom_exception("DataError", MISSING_COORDINATE.format(member=member))
    return number


def generate_key(
    name: str, algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyPair:
    """A new pair."""
    allowed = _usages(name)
    check_generate(name, usages, allowed)
    curve = _curve_of(algorithm.named_curve)
    public_use, private_use = split_uses(usages, allowed, extractable=extractable)
    private = _random_key(curve)
    kind = _KINDS[name]
    return KeyPair(
        kind(name, Imported(private.public_key(), "public"), curve, public_use),
        kind(name, Imported(private, "private"), curve, private_use),
    )


def _random_key(curve: Curve) -> ec.EllipticCurvePrivateKey:
    # So many bits more than the group's order make the remainder as good as uniform.
    number = int.from_bytes(host.current().random_bytes(curve.size + 8), "big")
    return ec.derive_private_key(number % (curve.curve.group_order - 1) + 1, curve.curve)
