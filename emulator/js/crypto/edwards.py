"""Ed25519 (also under its older name NODE-ED25519) and X25519.

workerd imports keys of other algorithms in pkcs8 and spki, and fails when they are used. So does
this.
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

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
)
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyPair, KeyUse
from emulator.js.crypto.shared_secret import check_peer, truncated
from emulator.js.errors import dom_exception
from emulator.js.plain import PlainObject

RAW_LENGTH = "{curve} raw keys must be exactly 32-bytes (provided {size})."
RAW_PRIVATE = "Raw export of {name} keys is only allowed for public keys."
UNKNOWN_CURVE = 'EDDSA curve "{name}" isn\'t supported.'
WRONG_TYPE = (
    '{curve} "jwk" key imports requires a JSON Web Key with Key Type parameter "kty" ("{kty}") '
    'equal to "OKP".'
)
NO_CURVE = 'Missing field "crv" for {curve} key.'
WRONG_CURVE = 'Only {curve} is supported but "{crv}" was requested.'
WRONG_ALGORITHM = (
    'JSON Web Key Algorithm parameter "alg" ("{alg}") does not match requested Ed25519 curve.'
)
INVALID_PUBLIC = (
    'Invalid {curve} key in JSON WebKey; missing or invalid public key component ("x").'
)
INVALID_PRIVATE = (
    'Invalid {curve} key in JSON Web Key; missing or invalid private key component ("d").'
)
JWK_LENGTH = "Invalid length {size} for {half} key"
SIGNATURE_LENGTH = "Invalid {name} signature length {size}"
CANNOT_SIGN = "Failed to initialize Ed25519 signing digest."
CANNOT_VERIFY = "Failed to initialize Ed25519 verification digest."
WRONG_KEY = "Key must be an Ed25519 or X25519 key"
INVALID_PEER = "Failed to derive EDDH key: public key routines INVALID_PEER_KEY."

_SIZE = 32
_SIGNATURE_SIZE = 64
_NODE_NAME = "NODE-ED25519"
_KEYS = (
    ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey,
    x25519.X25519PrivateKey, x25519.X25519PublicKey,
)  # fmt: skip


class EdwardsKey(AsymmetricKey):
    """What both algorithms have in common."""

    __slots__ = ()

    @property
    def curve(self) -> str:
        """The curve's name."""
        return _curve_of(self.name)

    def algorithm(self) -> PlainObject:
        members = {"name": self.name}
        if self.name == _NODE_NAME:
            members["namedCurve"] = self.name
        return PlainObject(members)

    def _as_raw(self) -> bytes:
        if self.type != "public":
            raise dom_exception("InvalidAccessError", RAW_PRIVATE.format(name=self.name))
        self._require_kind()
        return bytes(self._key.public_bytes_raw())

    def _as_jwk(self) -> JsonWebKey:
        self._require_kind()
        private = self._key if self.type == "private" else None
        public = self._key if private is None else private.public_key()
        return JsonWebKey(
            kty="OKP",
            key_ops=self.use.usages,
            alg="EdDSA" if self.name == "Ed25519" else None,
            ext=True,
            crv=self.curve,
            x=jwk.encode(public.public_bytes_raw()),
            d=None if private is None else jwk.encode(private.private_bytes_raw()),
        )

    def _require_kind(self) -> None:
        if not isinstance(self._key, _KEYS):
            raise dom_exception("OperationError", WRONG_KEY)


class Ed25519Key(EdwardsKey):
    """Ed25519."""

    __slots__ = ()

    def sign(self, algorithm: SignAlgorithm, data: bytes) -> bytes:
        if not isinstance(self._key, ed25519.Ed25519PrivateKey):
            raise dom_exception("OperationError", CANNOT_SIGN)
        return self._key.sign(data)

    def verify(self, algorithm: SignAlgorithm, signature: bytes, data: bytes) -> bool:
        if len(signature) != _SIGNATURE_SIZE:
            text = SIGNATURE_LENGTH.format(name=self.name, size=len(signature))
            raise dom_exception("OperationError", text)
        if not isinstance(self._key, ed25519.Ed25519PublicKey):
            raise dom_exception("OperationError", CANNOT_VERIFY)
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class X25519Key(EdwardsKey):
    """X25519."""

    __slots__ = ()

    def derive_bits(self, algorithm: DeriveAlgorithm, bit_count: int | None) -> bytes:
        peer = check_peer(self, algorithm)
        assert isinstance(peer, X25519Key)
        if not isinstance(self._key, x25519.X25519PrivateKey):
            raise dom_exception("OperationError", WRONG_KEY)
        if not isinstance(peer._key, x25519.X25519PublicKey):
            raise dom_exception("OperationError", WRONG_KEY)
        try:
            secret = self._key.exchange(peer._key)
        except ValueError:
            raise dom_exception("OperationError", INVALID_PEER) from None
        return truncated(secret, bit_count)


_KINDS: dict[str, type[EdwardsKey]] = {
    "Ed25519": Ed25519Key,
    _NODE_NAME: Ed25519Key,
    "X25519": X25519Key,
}


def _curve_of(name: str) -> str:
    return "X25519" if name == "X25519" else "Ed25519"


def _usages(name: str) -> Usages:
    return DERIVING if name == "X25519" else SIGNING


def _check_named_curve(name: str, named_curve: str | None) -> None:
    if name != _NODE_NAME:
        return
    if named_curve is None:
        raise missing_field("namedCurve")
    if named_curve != _NODE_NAME:
        raise dom_exception("NotSupportedError", UNKNOWN_CURVE.format(name=named_curve))


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
    _check_named_curve(name, algorithm.named_curve)
    if format == "raw" and not isinstance(data, JsonWebKey):
        check_import(name, "public", usages, _usages(name))
        if len(data) != _SIZE:
            text = RAW_LENGTH.format(curve=_curve_of(name), size=len(data))
            raise dom_exception("DataError", text)
        imported = Imported(_public_key(name, data), "public")
    else:
        imported = import_asymmetric(
            name,
            format,
            data,
            usages,
            _usages(name),
            lambda key: _read_jwk(name, key),
            extractable=extractable,
        )
    return _KINDS[name](name, imported, KeyUse.of(usages, extractable=extractable))


def _public_key(name: str, data: bytes) -> Any:
    if name == "X25519":
        return x25519.X25519PublicKey.from_public_bytes(data)
    return ed25519.Ed25519PublicKey.from_public_bytes(data)


def _private_key(name: str, data: bytes) -> Any:
    if name == "X25519":
        return x25519.X25519PrivateKey.from_private_bytes(data)
    return ed25519.Ed25519PrivateKey.from_private_bytes(data)


def _read_jwk(name: str, key: JsonWebKey) -> Any:
    curve = _curve_of(name)
    if key.kty != "OKP":
        raise dom_exception("DataError", WRONG_TYPE.format(curve=curve, kty=key.kty))
    if key.crv is None:
        raise dom_exception("DataError", NO_CURVE.format(curve=curve))
    if key.crv != curve:
        raise dom_exception("NotSupportedError", WRONG_CURVE.format(curve=curve, crv=key.crv))
    if curve == "Ed25519" and key.alg is not None and key.alg != "EdDSA":
        raise dom_exception("DataError", WRONG_ALGORITHM.format(alg=key.alg))
    public = _component(key.x, INVALID_PUBLIC.format(curve=curve), "public")
    if key.d is None:
        return _public_key(name, public)
    # The public half is made of the private one; whether `x` is it is not asked.
    return _private_key(name, _component(key.d, INVALID_PRIVATE.format(curve=curve), "private"))


def _component(text: str | None, missing: str, half: str) -> bytes:
    data = jwk.decode(text)
    if data is None:
        raise dom_exception("DataError", missing)
    if len(data) != _SIZE:
        raise dom_exception("DataError", JWK_LENGTH.format(size=len(data), half=half))
    return data


def generate_key(
    name: str, algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyPair:
    """A new pair."""
    allowed = _usages(name)
    check_generate(name, usages, allowed)
    _check_named_curve(name, algorithm.named_curve)
    public_use, private_use = split_uses(usages, allowed, extractable=extractable)
    private = _private_key(name, host.current().random_bytes(_SIZE))
    kind = _KINDS[name]
    return KeyPair(
        kind(name, Imported(private.public_key(), "public"), public_use),
        kind(name, Imported(private, "private"), private_use),
    )
