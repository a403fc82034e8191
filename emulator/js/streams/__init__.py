"""Streams (being written)."""

from __future__ import annotations

from typing import Protocol

from emulator.js.object import JsObject
from emulator.js.promise import Promise
from emulator.js.values import JsValue


class NativeSource(Protocol):
    def pull(self) -> Promise: ...
    def cancel(self, reason: JsValue) -> None: ...


class ReadableStream(JsObject, name="ReadableStream"):
    locked = False
    disturbed = False

    @classmethod
    def from_source(cls, source: NativeSource) -> "ReadableStream":
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> "ReadableStream":
        raise NotImplementedError

    def read_all(self) -> Promise:
        raise NotImplementedError


def pull_chunk(stream: "ReadableStream") -> Promise:
    raise NotImplementedError


def cancel_stream(stream: "ReadableStream", reason: JsValue) -> None:
    raise NotImplementedError
