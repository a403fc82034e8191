"""`crypto`: random values and the Web Cryptography API.

Theory of operation: `subtle` converts arguments and checks what every algorithm has in common;
`algorithms` finds the module of an algorithm, which makes `KeyMaterial`; a `CryptoKey` is what a
guest holds of it. Modules that rest on the `cryptography` package are imported when the first key
of their kind is made, so that a Worker pays only for what it uses.

Guarantees: classes and texts of errors, and their order, are Cloudflare's.
Source: workerd src/workerd/api/crypto/; Web Cryptography API.
"""

from emulator.js.crypto.crypto import Crypto
from emulator.js.crypto.key import CryptoKey
from emulator.js.crypto.subtle import SubtleCrypto

__all__ = ["Crypto", "CryptoKey", "SubtleCrypto"]
