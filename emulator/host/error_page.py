"""The page that a browser gets instead of a stack of text when a Worker fails.

One HTML document without any outside resource: it works offline, in light and dark, without
JavaScript (only the "Copy as text" button needs it). Pure: records in, text out.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.host.error_page_style import COPY_SCRIPT, STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.host.frames import Failure, Frame

_LINKS: Final = {
    "": "",
    "cause": "The exception above was the direct cause of this one",
    "context": "While the exception above was handled, this one happened",
}


def request_error_page(chain: Sequence[Failure], text: str, *, method: str, url: str) -> str:
    """For a request that ended in an exception. `text` is what "Copy as text" copies."""
    request = f"<code>{_escape(method)}</code> {_escape(url)}"
    return _exception_page("Uncaught exception", chain, text, request)


def load_error_page(chain: Sequence[Failure], text: str) -> str:
    """For a Worker whose module raised while it was imported."""
    return _exception_page("The Worker does not import", chain, text, _waiting())


def message_page(text: str) -> str:
    """For a Worker that cannot start for another reason; the text has all there is to say."""
    first, _, rest = text.strip().partition("\n")
    heading = f'<h1 class="plain">{_escape(first)}</h1>'
    body = f'<pre class="message">{_escape(rest)}</pre>' if rest.strip() else ""
    return _document("The Worker does not start", first, heading, _waiting(), body, text)


def _waiting() -> str:
    return '<span class="dot"></span> Save the fix and reload this page'


def _exception_page(label: str, chain: Sequence[Failure], text: str, context: str) -> str:
    last = chain[-1]
    heading = f"<h1>{_escape(last.type_name)}</h1>"
    if last.message:
        heading += f'<p class="what">{_escape(last.message)}</p>'
    heading += "".join(f'<p class="note">{_escape(note)}</p>' for note in last.notes)
    body = "".join(_sections(chain))
    return _document(label, last.summary, heading, context, body, text)


def _sections(chain: Sequence[Failure]) -> Iterator[str]:
    """The exception itself first, then what led to it."""
    for at, failure in enumerate(reversed(chain)):
        if at:
            link = _LINKS[chain[-at].link]
            yield f'<p class="link">{link}</p><h2>{_escape(failure.summary)}</h2>'
        yield from _frames(failure)


def _frames(failure: Failure) -> Iterator[str]:
    """Innermost first; the developer's own innermost frame is open, and libraries are closed."""
    own = [frame for frame in failure.frames if not frame.is_library]
    opened = own[-1] if own else (failure.frames[-1] if failure.frames else None)
    if opened is None:
        return
    yield _frame(opened, is_open=True)
    for frame in reversed(failure.frames):
        if frame is not opened:
            yield _frame(frame, is_open=False)


def _frame(frame: Frame, *, is_open: bool) -> str:
    kind = "library" if frame.is_library else "own"
    name = Path(frame.path)
    where = f'<span class="dir">{_escape(str(name.parent))}/</span>{_escape(name.name)}'
    if str(name.parent) == ".":
        where = _escape(frame.path)
    function = f"<b>{_escape(frame.function)}</b>" if frame.function else ""
    place = f'<span class="file">{where}<span class="line">:{frame.line}</span></span>'
    lines = "".join(_line(frame, line.number, line.text) for line in frame.excerpt)
    code = f'<pre class="code">{lines}</pre>' if lines else ""
    return (
        f'<details class="{kind}"{" open" if is_open else ""}>'
        f"<summary>{place}{function}</summary>{code}</details>"
    )


def _line(frame: Frame, number: int, text: str) -> str:
    gutter = f"<i>{number}</i>"
    if number != frame.line:
        return f"<span>{gutter}{_escape(text) or ' '}</span>"
    if frame.col is None or frame.end_col is None:
        return f'<span class="hit">{gutter}{_escape(text) or " "}</span>'
    shown = text if len(text) >= frame.end_col else text.ljust(frame.end_col)
    before, marked = shown[: frame.col], shown[frame.col : frame.end_col]
    after = shown[frame.end_col :]
    return (
        f'<span class="hit">{gutter}{_escape(before)}<mark>{_escape(marked)}</mark>'
        f"{_escape(after)}</span>"
    )


def _document(label: str, title: str, heading: str, context: str, body: str, text: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{_escape(title)}</title>
<style>{STYLE}</style>
<main>
<header>
<div class="bar"><span class="label">{label}</span>
<button id="copy" hidden>Copy as text</button></div>
{heading}
<p class="context">{context}</p>
</header>
{body}
<details class="raw"><summary>As text</summary><pre id="text">{_escape(text)}</pre></details>
<footer>pyworkers</footer>
</main>
<script>{COPY_SCRIPT}</script>
</html>
"""


def _escape(text: str) -> str:
    return html.escape(text.encode("utf-8", "replace").decode())
