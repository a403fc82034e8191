"""multipart/form-data and application/x-www-form-urlencoded, as bytes.

The parser accepts and refuses what the real runtime does: LF for CRLF, text before the first and
after the last boundary, only quoted parameters in Content-Disposition. Every refusal is a TypeError
with its text.

Guarantees: linear time in the size of the body; file contents are never decoded.
Does not know: FormData, Blob.
Source: workerd src/workerd/api/form-data.c++; RFC 7578.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from emulator.js.errors import type_error

NO_BOUNDARY = (
    "No boundary string in Content-Type header. The multipart/form-data MIME type requires a "
    "boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC "
    "7578, section 4."
)
UNKNOWN_TYPE = (
    "Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
    "multipart/form-data, application/x-www-form-urlencoded"
)
NO_INITIAL_BOUNDARY = "No initial boundary string (or you have a truncated message)."
NO_LATER_BOUNDARY = "No subsequent boundary string after multipart message."
BAD_BOUNDARY_END = "Boundary string was not succeeded by CRLF, LF, or '--'."
NO_HEADER_END = "No multipart message header termination found."
BAD_HEADERS = "FormData part had invalid headers."
NO_DISPOSITION = "No valid Content-Disposition header found in FormData part."
WRONG_DISPOSITION = (
    'Content-Disposition header for FormData part must have the value "form-data", possibly '
    'followed by parameters. Got: "{value}"'
)
NO_NAME = "Content-Disposition header in FormData part is missing a name."
ENDS_WITH_BACKSLASH = "Name or filename can't end with backslash"

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
# A name is a token, here with any byte above ASCII; a value has no NUL and no CR.
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z\x80-\xff]+):[ \t]*+([^\0\r]*)")
_PARAMETER = re.compile(r'\s*;\s*([A-Za-z]+)\s*=\s*"((?:[^"\\]|\\.)+)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# One parameter and what is left of it up to the semicolon; the value is missing without a "=".
_CONTENT_PARAMETER = re.compile(
    r'[\s;]*+([^\s;="]*+)(?:=("(?:[^"\\]|\\.)*+"?|[^;]*+))?+[^;]*+', re.DOTALL
)
_BAD_PERCENT = re.compile(rb"%([0-9A-Fa-f]?)(?![0-9A-Fa-f])")
_QUOTED = str.maketrans({'"': "%22", "\n": "%0A", "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class Part:
    """One field; it is a file if it has a file name."""

    name: str
    content: bytes
    filename: str | None = None
    type: str = ""


def encode_parts(parts: list[Part], boundary: str) -> bytes:
    """The body that has these parts."""
    pieces: list[bytes] = []
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(part.name)}"'
        if part.filename is not None:
            type = part.type or "application/octet-stream"
            head += f'; filename="{_quoted(part.filename)}"\r\nContent-Type: {type}'
        pieces += [head.encode(), b"\r\n\r\n", part.content, b"\r\n"]
    pieces.append(f"--{boundary}--".encode())
    return b"".join(pieces)


def _quoted(text: str) -> str:
    if text.endswith("\\"):
        raise type_error(ENDS_WITH_BACKSLASH)
    return text.translate(_QUOTED)


def parse_body(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body of either type."""
    essence, parameters = parse_content_type(content_type)
    if essence == "multipart/form-data":
        boundary = parameters.get("boundary")
        if boundary is None:
            raise type_error(NO_BOUNDARY)
        return list(_parse_multipart(body, boundary.encode()))
    if essence == "application/x-www-form-urlencoded":
        return list(_parse_urlencoded(body))
    raise type_error(UNKNOWN_TYPE)


def parse_content_type(content_type: str) -> tuple[str, dict[str, str]]:
    """The lower-case MIME type and its parameters, of which the first of a name counts."""
    essence, semicolon, rest = content_type.partition(";")
    parameters: dict[str, str] = {}
    for match in _CONTENT_PARAMETER.finditer(semicolon + rest):
        name, value = match[1].lower(), match[2]
        if not name or value is None:
            continue
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
        elif not value.strip(" \t"):
            continue
        else:
            value = value.rstrip(" \t")
        parameters.setdefault(name, value)
    return essence.strip(" \t").lower(), parameters


def _parse_multipart(body: bytes, boundary: bytes) -> Iterator[Part]:
    # The newline before a boundary belongs to it, except before the first; a CR is optional.
    delimiter = b"\n--" + boundary
    position = body.find(delimiter[1:])
    if position < 0:
        raise type_error(NO_INITIAL_BOUNDARY)
    position += len(delimiter) - 1
    if position == len(body):
        raise type_error(NO_INITIAL_BOUNDARY)
    while (start := _after_boundary(body, position)) is not None:
        header_end = _HEADER_END.search(body, start)
        if header_end is None:
            raise type_error(NO_HEADER_END)
        headers = _parse_headers(body[start : header_end.start()])
        content_start = header_end.end()
        content_end = body.find(delimiter, content_start)
        part = _part_of(headers)
        if content_end < 0:
            raise type_error(NO_LATER_BOUNDARY)
        position = content_end + len(delimiter)
        if content_end > content_start and body[content_end - 1] == 0x0D:
            content_end -= 1
        yield Part(part.name, body[content_start:content_end], part.filename, part.type)


def _after_boundary(body: bytes, position: int) -> int | None:
    """Where the part after a boundary begins; None if it was the last boundary."""
    if body.startswith(b"\n", position):
        return position + 1
    if body.startswith(b"\r\n", position):
        return position + 2
    if body.startswith(b"--", position):
        return None
    if position >= len(body):
        raise type_error(NO_LATER_BOUNDARY)
    raise type_error(BAD_BOUNDARY_END)


def _parse_headers(block: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in _LINE_END.split(block):
        match = _HEADER.fullmatch(line)
        if match is None:
            raise type_error(BAD_HEADERS)
        name = match[1].decode("utf-8", "replace").lower()
        value = match[2].decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _part_of(headers: dict[str, str]) -> Part:
    """A part without its content."""
    disposition = headers.get("content-disposition")
    if disposition is None:
        raise type_error(NO_DISPOSITION)
    kind = _first_word(disposition)
    if kind != "form-data":
        raise type_error(WRONG_DISPOSITION.format(value=kind))
    found: dict[str, str] = {}
    position = len(kind)
    # What cannot be read ends the list: unquoted values, other quotes, empty values.
    while parameter := _PARAMETER.match(disposition, position):
        found[parameter[1]] = _ESCAPED.sub(r"\1", parameter[2])
        position = parameter.end()
    if "name" not in found:
        raise type_error(NO_NAME)
    return Part(found["name"], b"", found.get("filename"), headers.get("content-type", ""))


def _first_word(value: str) -> str:
    return value.partition(";")[0].partition(" ")[0].partition("\t")[0]


def _parse_urlencoded(body: bytes) -> Iterator[Part]:
    for pair in body.removeprefix(b"\xef\xbb\xbf").split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield Part(_unescaped(name).decode("utf-8", "replace"), _unescaped(value))


def _unescaped(text: bytes) -> bytes:
    """Percent-decodes; a lone hexadecimal digit counts, and a lone percent sign is dropped."""
    text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text
    return unquote_to_bytes(
        _BAD_PERCENT.sub(lambda match: b"%0" + match[1] if match[1] else b"", text)
    )
