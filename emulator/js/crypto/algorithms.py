"""Which algorithms there are, and which module knows each.

A module has `import_key`, and `generate_key` unless its keys are only imported. They are imported
when they are first needed, with what they rest on.
"""

from __future__ import annotations

import importlib
from typing import Any

from emulator.js.crypto.arguments import GenerateAlgorithm, ImportAlgorithm
from emulator.js.crypto.jwk import JsonWebKey
from emulator.js.crypto.key import KeyMaterial, KeyPair
from emulator.js.errors import dom_exception

UNKNOWN_IMPORT = 'Unrecognized key import algorithm "{name}" requested.'
UNKNOWN_GENERATE = 'Unrecognized key generation algorithm "{name}" requested.'

_MODULES = {
    "hmac_keys": "HMAC",
    "aes": "AES-GCM AES-CBC AES-CTR AES-KW",
    "key_derivation": "HKDF PBKDF2",
    "rsa": "RSASSA-PKCS1-v1_5 RSA-PSS RSA-OAEP RSA-RAW",
    "elliptic": "ECDSA ECDH",
    "edwards": "Ed25519 NODE-ED25519 X25519",
}
# Name in lower case -> (name, module).
_ALGORITHMS = {
    name.lower(): (name, module) for module, names in _MODULES.items() for name in names.split()
}
_IMPORT_ONLY = frozenset({"HKDF", "PBKDF2", "RSA-RAW"})


def canonical_name(name: str) -> str | None:
    """The algorithm's name as keys show it; None if there is no such algorithm."""
    found = _ALGORITHMS.get(name.lower())
    return None if found is None else found[0]


def import_key(
    format: str,
    data: bytes | JsonWebKey,
    algorithm: ImportAlgorithm,
    usages: list[str],
    *,
    extractable: bool,
) -> KeyMaterial:
    """Makes a key of data in a format."""
    found = _ALGORITHMS.get(algorithm.name.lower())
    if found is None:
        raise dom_exception("NotSupportedError", UNKNOWN_IMPORT.format(name=algorithm.name))
    name, module = found
    make = _load(module).import_key
    key: KeyMaterial = make(name, format, data, algorithm, usages, extractable=extractable)
    return key


def generate_key(
    algorithm: GenerateAlgorithm, usages: list[str], *, extractable: bool
) -> KeyMaterial | KeyPair:
    """Makes a new key or pair."""
    found = _ALGORITHMS.get(algorithm.name.lower())
    if found is None or found[0] in _IMPORT_ONLY:
        raise dom_exception("NotSupportedError", UNKNOWN_GENERATE.format(name=algorithm.name))
    name, module = found
    made: KeyMaterial | KeyPair = _load(module).generate_key(
        name, algorithm, usages, extractable=extractable
    )
    return made


def _load(module: str) -> Any:
    return importlib.import_module(f"emulator.js.crypto.{module}")
