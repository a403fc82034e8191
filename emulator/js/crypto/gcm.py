"""AES-GCM with initialization vectors that `cryptography` does not take: under 8, over 128 bytes.

Theory of operation: such a vector is hashed into the first counter block (as any that has not 12
bytes is), from which `cryptography` does the encryption in counter mode. The hash itself is
multiplication by one element of GF(2^128), here by tables of its products with every byte.

Guarantees: the same results as any other implementation, at a few microseconds per block. Not in
constant time, which matters to nobody on a developer's machine.
Source: NIST SP 800-38D.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 16
# x^128 = x^7 + x^2 + x + 1, with the first bit as the lowest power.
_REDUCTION = 0xE1 << 120
_COUNTER_MASK = 2**32 - 1


class Gcm:
    """One key and initialization vector."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._algorithm = algorithms.AES(key)
        encryptor = Cipher(self._algorithm, modes.ECB()).encryptor()  # noqa: S305 - single blocks
        self._tables = _product_tables(int.from_bytes(encryptor.update(bytes(_BLOCK)), "big"))
        first = self._hash(iv, b"")
        self._first = first.to_bytes(_BLOCK, "big")
        self._mask = int.from_bytes(encryptor.update(self._first), "big")

    def apply(self, data: bytes) -> bytes:
        """Encrypts or decrypts."""
        fixed, counter = self._first[:12], int.from_bytes(self._first[12:], "big")
        start = (counter + 1) & _COUNTER_MASK
        # Only 32 bits count, so where they are used up the counter starts anew.
        until_wrap = (2**32 - start) * _BLOCK
        head = self._counter_mode(fixed, start, data[:until_wrap])
        return head + self._counter_mode(fixed, 0, data[until_wrap:])

    def tag(self, ciphertext: bytes, additional_data: bytes) -> bytes:
        """The whole authentication tag."""
        return (self._hash(ciphertext, additional_data) ^ self._mask).to_bytes(_BLOCK, "big")

    def is_authentic(self, ciphertext: bytes, additional_data: bytes, tag: bytes) -> bool:
        """Whether the tag, which may be cut, is that of the ciphertext."""
        return hmac.compare_digest(self.tag(ciphertext, additional_data)[: len(tag)], tag)

    def _counter_mode(self, fixed: bytes, start: int, data: bytes) -> bytes:
        if not data:
            return b""
        mode = modes.CTR(fixed + start.to_bytes(4, "big"))
        encryptor = Cipher(self._algorithm, mode).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def _hash(self, data: bytes, additional_data: bytes) -> int:
        value = 0
        for block in _blocks(additional_data, data):
            value ^= int.from_bytes(block, "big")
            product = 0
            for table, byte in zip(self._tables, value.to_bytes(_BLOCK, "big"), strict=True):
                product ^= table[byte]
            value = product
        return value


def _blocks(additional_data: bytes, data: bytes) -> Iterator[bytes]:
    """Both, filled up with zeros, and then their lengths in bits."""
    for part in (additional_data, data):
        for start in range(0, len(part), _BLOCK):
            yield part[start : start + _BLOCK].ljust(_BLOCK, b"\0")
    yield b"".join((len(part) * 8).to_bytes(8, "big") for part in (additional_data, data))


def _product_tables(element: int) -> list[list[int]]:
    """For each byte of a block, the products of the element with all values of that byte."""
    power = element
    tables = []
    for _ in range(_BLOCK):
        table = [0] * 256
        for bit in range(8):
            table[0x80 >> bit] = power
            power = (power >> 1) ^ (_REDUCTION if power & 1 else 0)
        for value in range(1, 256):
            lowest = value & -value
            table[value] = table[value ^ lowest] ^ table[lowest]
        tables.append(table)
    return tables
