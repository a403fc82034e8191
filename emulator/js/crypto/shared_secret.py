"""What key agreement has in common: the other side's key, and how many bits of the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.js.crypto.arguments import missing_field
from emulator.js.errors import dom_exception

if TYPE_CHECKING:
    from emulator.js.crypto.arguments import DeriveAlgorithm
    from emulator.js.crypto.key import KeyMaterial

NOT_PUBLIC = 'The provided key has type "{type}", not "public"'
OTHER_ALGORITHM = (
    'Private key for derivation is using "{name}" while public key is using "{other}".'
)
TOO_LONG = "Derived key length ({bit_count} bits) is too long (should be at most {most} bits)."


def check_peer(key: KeyMaterial, algorithm: DeriveAlgorithm) -> KeyMaterial:
    """The public key to agree with."""
    if algorithm.public is None:
        raise missing_field("public", "derivedKeyParams")
    peer = algorithm.public.material
    if peer.type != "public":
        raise dom_exception("InvalidAccessError", NOT_PUBLIC.format(type=peer.type))
    if peer.name != key.name:
        text = OTHER_ALGORITHM.format(name=key.name, other=peer.name)
        raise dom_exception("InvalidAccessError", text)
    return peer


def truncated(secret: bytes, bit_count: int | None) -> bytes:
    """The first bits of a secret; what is left of the last byte is zero."""
    if bit_count is None:
        return secret
    most = len(secret) * 8
    if bit_count > most:
        text = TOO_LONG.format(bit_count=bit_count, most=most)
        raise dom_exception("OperationError", text)
    result = bytearray(secret[: (bit_count + 7) // 8])
    if bit_count % 8:
        result[-1] &= 0xFF << (8 - bit_count % 8) & 0xFF
    return bytes(result)
