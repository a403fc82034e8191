"""`Blob` and `File` (being written)."""

from __future__ import annotations

from emulator.js.object import JsObject


class Blob(JsObject, name="Blob"):
    def __init__(self, data: bytes = b"", type: str = "") -> None:
        super().__init__()
        self.data = data
        self.type = type


class File(Blob, name="File"):
    def __init__(self, data: bytes, name: str, type: str = "", last_modified: float = 0) -> None:
        super().__init__(data, type)
        self.name = name
        self.lastModified = last_modified
