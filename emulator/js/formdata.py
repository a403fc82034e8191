"""`FormData` (being written)."""

from __future__ import annotations

from emulator.js.blob import File
from emulator.js.object import JsObject


class FormData(JsObject, name="FormData"):
    def __init__(self) -> None:
        super().__init__()
        self.entries_list: list[tuple[str, str | File]] = []


def encode(form: FormData, boundary: str) -> bytes:
    raise NotImplementedError


def parse(content_type: str, body: bytes) -> FormData:
    raise NotImplementedError
