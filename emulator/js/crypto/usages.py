"""Usages of keys: which exist, and which an algorithm allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from emulator.js.errors import dom_exception

INVALID_USAGE = 'Attempt to {action} {name} key with invalid usage "{usage}".'
NO_USAGE = "Secret/private CryptoKeys must have at least one usage."
NO_PRIVATE_USAGE = "Attempt to generate asymmetric keys with no valid private key usages."

Action = Literal["import secret", "import public", "import private", "generate"]

_ORDER = (
    "encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey",
)  # fmt: skip


def canonical(usages: Iterable[str]) -> tuple[str, ...]:
    """Each usage once, in the order in which CryptoKey lists them."""
    known = set(usages)
    return tuple(usage for usage in _ORDER if usage in known)


def check_usages(name: str, action: Action, usages: list[str], allowed: tuple[str, ...]) -> None:
    """Throws for the first usage that the algorithm does not have."""
    for usage in usages:
        if usage not in allowed:
            text = INVALID_USAGE.format(action=action, name=name, usage=usage)
            raise dom_exception("SyntaxError", text)


def require_usage(usages: Iterable[str]) -> None:
    """A key that nobody may use is refused."""
    if not list(usages):
        raise dom_exception("SyntaxError", NO_USAGE)
