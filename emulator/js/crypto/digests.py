"""Digests by their Web Cryptography names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.js.errors import dom_exception

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

UNKNOWN_DIGEST = "Unrecognized or unimplemented digest algorithm requested."


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest algorithm. Its JsonWebKey suffix is None if no JsonWebKey algorithm names it."""

    name: str
    python_name: str
    size: int
    block_bits: int
    jwk_suffix: str | None


_DIGESTS = {
    digest.name: digest
    for digest in (
        Digest("MD5", "md5", 16, 512, None),
        Digest("SHA-1", "sha1", 20, 512, "1"),
        Digest("SHA-256", "sha256", 32, 512, "256"),
        Digest("SHA-384", "sha384", 48, 1024, "384"),
        Digest("SHA-512", "sha512", 64, 1024, "512"),
    )
}


def digest_of(name: str) -> Digest:
    """The digest of that name, in upper or lower case."""
    digest = _DIGESTS.get(name.upper())
    if digest is None:
        raise dom_exception("NotSupportedError", UNKNOWN_DIGEST)
    return digest


def new_hash(name: str, data: bytes = b"") -> Hash:
    """A running hash."""
    return hashlib.new(digest_of(name).python_name, data, usedforsecurity=False)
