"""`crypto.DigestStream`: a WritableStream that hashes what is written to it.

Source: workerd src/workerd/api/crypto/crypto.c++ (DigestStream).
"""

from __future__ import annotations

from emulator.js.buffers import ArrayBuffer, bytes_of
from emulator.js.crypto.arguments import hash_name
from emulator.js.crypto.digests import new_hash
from emulator.js.define import getter
from emulator.js.errors import type_error
from emulator.js.promise import Promise
from emulator.js.streams import WritableStream
from emulator.js.values import MISSING, JsBigInt, JsValue
from emulator.js.webidl import scalar_text, wrong_constructor_parameter

NOT_BYTES = (
    "DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/"
    "string type on its writable side."
)


class _HashSink:
    """Feeds chunks to a hash, and settles the promise of its value."""

    __slots__ = ("_hash", "byte_count", "digest")

    def __init__(self, algorithm: str) -> None:
        self._hash = new_hash(algorithm)
        self.byte_count = 0
        self.digest = Promise()
        # Whoever writes hears of failures as well; the digest may be left unread.
        self.digest.handled = True

    def start(self, controller: JsValue) -> None:
        """There is nothing to prepare."""

    def write(self, chunk: JsValue, controller: JsValue) -> None:
        data = scalar_text(chunk).encode() if isinstance(chunk, str) else bytes_of(chunk)
        if data is None:
            raise type_error(NOT_BYTES)
        self._hash.update(data)
        self.byte_count += len(data)

    def close(self) -> None:
        self.digest.resolve_with(ArrayBuffer(self._hash.digest()))

    def abort(self, reason: JsValue) -> None:
        self.digest.reject_with(reason)


class DigestStream(WritableStream, name="DigestStream"):
    """Hashes bytes; `digest` resolves when the stream is closed."""

    __slots__ = ("_hash_sink",)

    def __init__(self, algorithm: str) -> None:
        self._hash_sink = _HashSink(algorithm)
        super().__init__(self._hash_sink)

    @classmethod
    def js_new(cls, algorithm: JsValue = MISSING) -> JsValue:  # type: ignore[override]
        if algorithm is MISSING:
            raise wrong_constructor_parameter("DigestStream", 1, "string or HashAlgorithm")
        return cls(hash_name(algorithm, "HashAlgorithm"))

    @getter
    def digest(self) -> Promise:
        return self._hash_sink.digest

    @getter
    def bytesWritten(self) -> JsBigInt:
        return JsBigInt(self._hash_sink.byte_count)
