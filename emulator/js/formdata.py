"""`FormData`, and its two encodings as a body.

Guarantees: entries keep their order; iteration sees what is appended meanwhile.
Source: workerd src/workerd/api/form-data.c++; XMLHttpRequest standard, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.blob import Blob, File
from emulator.js.convert import call_function, to_string
from emulator.js.define import method
from emulator.js.multipart import Part, encode_parts, parse_body
from emulator.js.object import JsIterator, JsObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import function_argument, scalar_text, string_argument, wrong_parameter


class EntryIterator(JsIterator, name="EntryIterator", constructible=False):
    """Iterator over `[name, value]` pairs."""

    __slots__ = ()


class KeyIterator(JsIterator, name="KeyIterator", constructible=False):
    """Iterator over names."""

    __slots__ = ()


class ValueIterator(JsIterator, name="ValueIterator", constructible=False):
    """Iterator over values."""

    __slots__ = ()


class FormData(JsObject, name="FormData"):
    """Names with strings or files, in order."""

    __slots__ = ("entries_list",)
    js_iterable = True

    def __init__(self) -> None:
        super().__init__()
        self.entries_list: list[tuple[str, str | File]] = []

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    @method
    def append(
        self, name: JsValue = MISSING, value: JsValue = MISSING, filename: JsValue = None
    ) -> None:
        self.entries_list.append(_entry("append", name, value, filename))

    @method
    def set(
        self, name: JsValue = MISSING, value: JsValue = MISSING, filename: JsValue = None
    ) -> None:
        entry = _entry("set", name, value, filename)
        kept: list[tuple[str, str | File]] = []
        is_placed = False
        for existing in self.entries_list:
            if existing[0] != entry[0]:
                kept.append(existing)
            elif not is_placed:
                kept.append(entry)
                is_placed = True
        if not is_placed:
            kept.append(entry)
        self.entries_list[:] = kept

    @method
    def get(self, name: JsValue = MISSING) -> JsValue:
        wanted = _name("get", name)
        return next((value for key, value in self.entries_list if key == wanted), null)

    @method
    def getAll(self, name: JsValue = MISSING) -> JsArray:
        wanted = _name("getAll", name)
        return JsArray([value for key, value in self.entries_list if key == wanted])

    @method
    def has(self, name: JsValue = MISSING) -> bool:
        wanted = _name("has", name)
        return any(key == wanted for key, _ in self.entries_list)

    @method
    def delete(self, name: JsValue = MISSING) -> None:
        wanted = _name("delete", name)
        self.entries_list[:] = [entry for entry in self.entries_list if entry[0] != wanted]

    @method
    def entries(self) -> EntryIterator:
        return EntryIterator(self.js_iter())

    @method
    def keys(self) -> KeyIterator:
        return KeyIterator(name for name, _ in self.live_entries())

    @method
    def values(self) -> ValueIterator:
        return ValueIterator(value for _, value in self.live_entries())

    @method
    def forEach(self, callback: JsValue = None, this: JsValue = None) -> None:
        function_argument(callback, "FormData", "forEach")
        for name, value in self.live_entries():
            call_function(callback, value, name, self, this=this)

    def js_iter(self) -> Iterator[JsValue]:
        return (JsArray([name, value]) for name, value in self.live_entries())

    def live_entries(self) -> Iterator[tuple[str, str | File]]:
        """The entries, those appended while iterating included."""
        # A list's own iterator does just that.
        return iter(self.entries_list)

    def __repr__(self) -> str:
        return f"<js FormData entries={len(self.entries_list)}>"


def _name(member: str, name: JsValue) -> str:
    return scalar_text(string_argument(name, "FormData", member))


def _entry(member: str, name: JsValue, value: JsValue, filename: JsValue) -> tuple[str, str | File]:
    key = _name(member, name)
    if value is MISSING:
        raise wrong_parameter("FormData", member, 2, "File or Blob or string")
    if not isinstance(value, Blob):
        return key, scalar_text(to_string(value))
    if isinstance(value, File) and filename is None:
        return key, value
    # Where the standard says "blob", the real runtime takes the field's name.
    file_name = key if filename is None else scalar_text(to_string(filename))
    modified = value.lastModified if isinstance(value, File) else host.current().now_ms()
    return key, File(value.data, file_name, value.type, modified)


def encode(form: FormData, boundary: str) -> bytes:
    """The form as multipart/form-data."""
    return encode_parts([_part(name, value) for name, value in form.entries_list], boundary)


def _part(name: str, value: str | File) -> Part:
    if isinstance(value, str):
        return Part(name, value.encode())
    return Part(name, value.data, value.name, value.type)


def parse(content_type: str, body: bytes) -> FormData:
    """The form in a body; throws the real runtime's TypeErrors."""
    form = FormData()
    for part in parse_body(content_type, body):
        if part.filename is None:
            form.entries_list.append((part.name, part.content.decode("utf-8", "replace")))
        else:
            now = host.current().now_ms()
            file = File(part.content, part.filename, part.type, now)
            form.entries_list.append((part.name, file))
    return form
