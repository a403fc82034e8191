"""A failure as the response that tells the client: a page for browsers, text for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.errors import LoadError, PyworkersError
from emulator.js.errors import JsThrow
from emulator.runtime.errors import GuestError
from emulator.runtime.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.runtime.http import HttpRequest

_STATUS: Final = (500, "Internal Server Error")


def wants_html(headers: Mapping[str, str]) -> bool:
    """Whether the client is a browser, which names HTML among what it accepts."""
    # Differs: `wrangler dev` also sends a page to clients that accept anything. Those are programs.
    if "curl/" in headers.get("User-Agent", "").lower():
        return False
    return "text/html" in headers.get("Accept", "").lower()


def error_response(
    error: Exception, headers: Mapping[str, str], request: HttpRequest | None
) -> HttpResponse:
    """The response to a request whose handling raised `error`."""
    exception: BaseException | None = None
    if isinstance(error, GuestError):
        summary, text, exception = error.summary, error.traceback_text, error.exception
    elif isinstance(error, PyworkersError):
        summary = text = str(error)
    else:
        summary = text = f"pyworkers: internal error: {type(error).__name__}: {error}"
    if not wants_html(headers):
        return _text(_with_summary_first(summary, text))
    from emulator.host.error_page import message_page, request_error_page  # noqa: PLC0415 - rare
    from emulator.host.frames import failures  # noqa: PLC0415 - rare

    if exception is None or isinstance(exception, JsThrow | PyworkersError):
        return _html(message_page(text))
    method, url = ("", "") if request is None else (request.method, request.url)
    return _html(request_error_page(failures(exception), text, method=method, url=url))


def startup_failure_response(
    text: str, cause: BaseException | None, headers: Mapping[str, str]
) -> HttpResponse:
    """The response to every request while the Worker does not start."""
    if not wants_html(headers):
        return _text(text)
    from emulator.host.error_page import load_error_page, message_page  # noqa: PLC0415 - rare
    from emulator.host.frames import failures  # noqa: PLC0415 - rare

    if cause is not None:
        return _html(load_error_page(failures(cause), text))
    return _html(message_page(text))


def import_exception(error: BaseException) -> BaseException | None:
    """The guest's own exception behind a failed start, if it was one."""
    if isinstance(error, LoadError):
        return error.__cause__
    return None if isinstance(error, PyworkersError) else error


def _with_summary_first(summary: str, text: str) -> str:
    """Text clients often show one line: it is the one that says what happened."""
    return text if text.startswith(summary) else f"{summary}\n{text}"


def _text(text: str) -> HttpResponse:
    return _response("text/plain;charset=UTF-8", text.rstrip("\n") + "\n")


def _html(text: str) -> HttpResponse:
    return _response("text/html;charset=UTF-8", text)


def _response(content_type: str, text: str) -> HttpResponse:
    headers = [("Content-Type", content_type), ("Cache-Control", "no-store")]
    return HttpResponse(*_STATUS, headers, text.encode("utf-8", "replace"))
