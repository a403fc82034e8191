"""Ids of Durable Objects, byte-equal to those of a local workerd.

    K        = SHA-256(utf8(unique key))
    mac(b)   = HMAC-SHA-256(K, b)
    by name  : base = mac(utf8(name))[:16];  id = base + mac(base)[:16]
    random   : base = 16 random bytes;       id = base + mac(base)[:16]

The second half proves that an id belongs to the namespace.
Source: workerd src/workerd/server/actor-id-impl.c++.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from emulator.entropy import Entropy

BAD_HEX: Final = "Invalid Durable Object ID: must be 64 hex digits"
FOREIGN: Final = "Durable Object ID is not valid for this namespace."

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
_BASE_BYTES: Final = 16
_REMEMBERED_NAMES: Final = 4096


@dataclass(frozen=True, slots=True)
class ActorId:
    """An id; `name` is known only if it was made from one. Equality is that of the hex digits."""

    hex: str
    name: str | None = None

    def same(self, other: ActorId) -> bool:
        return self.hex == other.hex


class ActorIdFactory:
    """Makes and checks the ids of one namespace."""

    __slots__ = ("_by_name", "_entropy", "_key")

    def __init__(self, unique_key: str, entropy: Entropy) -> None:
        self._key = hashlib.sha256(unique_key.encode("utf-8", "surrogatepass")).digest()
        self._entropy = entropy
        self._by_name: dict[str, ActorId] = {}

    def from_name(self, name: str) -> ActorId:
        """The id of a name. The latest names are remembered: a Worker asks at every request."""
        known = self._by_name.get(name)
        if known is None:
            if len(self._by_name) >= _REMEMBERED_NAMES:
                self._by_name.clear()
            known = self._by_name[name] = self._derive(name)
        return known

    def _derive(self, name: str) -> ActorId:
        # A lone surrogate counts as its three bytes, and is read back as three replacements.
        encoded = name.encode("utf-8", "surrogatepass")
        base = self._mac(encoded)[:_BASE_BYTES]
        return ActorId(self._complete(base), encoded.decode("utf-8", "replace"))

    def new_unique(self) -> ActorId:
        return ActorId(self._complete(self._entropy.random_bytes(_BASE_BYTES)))

    def from_string(self, text: str) -> ActorId:
        """Raises ValueError with the platform's text if it is no id of this namespace."""
        if not _HEX.match(text):
            raise ValueError(BAD_HEX)
        lower = text.lower()
        if self._complete(bytes.fromhex(lower)[:_BASE_BYTES]) != lower:
            raise ValueError(FOREIGN)
        return ActorId(lower)

    def _complete(self, base: bytes) -> str:
        return (base + self._mac(base)[:_BASE_BYTES]).hex()

    def _mac(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, "sha256")
