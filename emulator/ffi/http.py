"""`pyodide.http`: pyfetch and its response, over the guest's `fetch`.

Source: Pyodide's interface; `emulator.ffi.semantics` has where 0.28 and 314 differ.
"""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, NoReturn

from emulator.ffi import guest, semantics
from emulator.ffi.exception import JsException
from emulator.ffi.proxy import JsProxy
from emulator.ffi.to_js import to_js

BODY_USED: Final = "Response body is already used"
NO_CONTROLLER: Final = "abort_controller is not set"
NO_XHR: Final = "name 'XMLHttpRequest' is not defined"
FIRST_ERROR_STATUS: Final = 400
FIRST_SERVER_ERROR: Final = 500
LAST_ERROR_STATUS: Final = 599


class HttpStatusError(OSError):
    """`raise_for_status` on a 4xx or 5xx response."""

    def __init__(self, status: int, status_text: str, url: str) -> None:
        self.status = status
        self.status_text = status_text
        self.url = url
        super().__init__(f"{status} {_side(status)}: {status_text} for url: {url}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.status_text, self.url)


def _side(status: int) -> str:
    if not FIRST_ERROR_STATUS <= status <= LAST_ERROR_STATUS:
        return "Invalid error code not between 400 and 599"
    return "Client Error" if status < FIRST_SERVER_ERROR else "Server Error"


class BodyUsedError(OSError):
    """The body has been read before."""

    def __init__(self, *args: Any) -> None:
        super().__init__(BODY_USED)


class AbortError(OSError):
    """The request failed or was aborted."""

    def __init__(self, reason: Any = None) -> None:
        message = getattr(reason, "message", None)
        super().__init__(message if isinstance(message, str) else str(reason))


class FetchResponse:
    """A JavaScript Response with Python's ways of reading the body."""

    def __init__(
        self,
        request: Any,
        js_response: Any,
        abort_controller: Any = None,
        abort_signal: Any = None,
    ) -> None:
        is_request = isinstance(request, JsProxy)
        self.js_request: Any = request if is_request else None
        self._url: str = request.url if is_request else request
        self.js_response = js_response
        self.abort_controller = abort_controller
        self.abort_signal = abort_signal

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.url!r}>"

    @property
    def body_used(self) -> bool:
        """Whether the body has been read."""
        return bool(self.js_response.bodyUsed)

    @property
    def headers(self) -> dict[str, str]:
        """The headers as a dict with lower-case names."""
        return dict(self.js_response.headers.entries())

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return bool(self.js_response.ok)

    @property
    def redirected(self) -> bool:
        """Whether the response is the result of a redirect."""
        return bool(self.js_response.redirected)

    @property
    def status(self) -> int:
        """The status code."""
        return int(self.js_response.status)

    @property
    def status_text(self) -> str:
        """The reason phrase."""
        return str(self.js_response.statusText)

    @property
    def type(self) -> str:
        """The response's type."""
        return str(self.js_response.type)

    @property
    def url(self) -> str:
        """The URL after redirects, or that of the request."""
        return str(self.js_response.url)

    def _raise_if_failed(self) -> None:
        if self.abort_signal is not None and self.abort_signal.aborted:
            raise AbortError(self.abort_signal.reason)
        if self.js_response.bodyUsed:
            raise BodyUsedError

    def raise_for_status(self) -> None:
        """Raises HttpStatusError for 4xx and 5xx."""
        if FIRST_ERROR_STATUS <= self.status <= LAST_ERROR_STATUS:
            raise HttpStatusError(self.status, self.status_text, self.url)

    def clone(self) -> FetchResponse:
        """A copy whose body can be read on its own."""
        if self.js_response.bodyUsed:
            raise BodyUsedError
        request = self._url if self.js_request is None else self.js_request
        return FetchResponse(
            request, self.js_response.clone(), self.abort_controller, self.abort_signal
        )

    async def _read(self, method: str) -> Any:
        self._raise_if_failed()
        try:
            return await getattr(self.js_response, method)()
        except JsException as failure:
            if getattr(failure, "name", None) == "AbortError":
                raise AbortError(failure) from None
            raise

    async def buffer(self) -> Any:
        """The body as an ArrayBuffer."""
        return await self._read("arrayBuffer")

    async def text(self) -> str:
        """The body as text."""
        return str(await self._read("text"))

    async def string(self) -> str:
        """An older name of `text`."""
        return await self.text()

    async def json(self, **kwargs: Any) -> Any:
        """The body parsed by Python's `json`."""
        self._raise_if_failed()
        return json.loads(await self.text(), **kwargs)

    async def memoryview(self) -> memoryview:
        """The body as a memoryview."""
        view: memoryview = (await self.buffer()).to_memoryview()
        return view

    async def bytes(self) -> bytes:
        """The body as bytes."""
        data: bytes = (await self.buffer()).to_bytes()
        return data

    async def _into_file(self, file: io.IOBase) -> None:
        (await self.buffer()).to_file(file)

    async def unpack_archive(
        self, *, extract_dir: str | None = None, format: str | None = None
    ) -> None:
        """Unpacks the body, which is an archive, into a directory."""
        data = await self.bytes()
        suffix = "" if format else Path(self._url.partition("?")[0]).suffix
        with NamedTemporaryFile(suffix=suffix) as file:
            file.write(data)
            file.flush()
            shutil.unpack_archive(file.name, extract_dir, format)

    def abort(self, reason: Any = None) -> None:
        """Aborts the request."""
        if self.abort_controller is None:
            raise ValueError(NO_CONTROLLER)
        if reason is None:
            self.abort_controller.abort()
        else:
            self.abort_controller.abort(reason)


async def pyfetch(
    request: Any,
    /,
    *,
    signal: Any = None,
    fetcher: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> FetchResponse:
    """Fetches; keyword arguments are the options of JavaScript's `fetch`, converted deeply."""
    js = guest.js()
    controller = js.AbortController.new()
    combined = controller.signal
    if signal is not None:
        combined = js.AbortSignal.any(to_js([signal, controller.signal]))
    options = to_js({**kwargs, "signal": combined}, dict_converter=js.Object.fromEntries)
    target = request
    if semantics.current.fetch_constructs_request:
        target = js.Request.new(request, options)
    fetch = js.fetch if fetcher is None else fetcher
    try:
        response = await fetch(target, options)
    except asyncio.CancelledError:
        controller.abort()
        raise
    except JsException as failure:
        raise AbortError(failure) from None
    return FetchResponse(target, response, controller, combined)


def open_url(url: str) -> NoReturn:
    """Needs XMLHttpRequest, which Workers do not have."""
    raise NameError(NO_XHR)


class pyxhr:  # noqa: N801 - the guest-visible name
    """Synchronous requests: they need XMLHttpRequest, which Workers do not have."""

    @staticmethod
    def _unavailable(*args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG004 - whatever it gets
        raise NameError(NO_XHR)

    get = post = put = delete = head = patch = options = _unavailable


def use_module_names(names: semantics.Semantics) -> None:
    """Makes the classes belong to the modules that the guest's Pyodide has them in."""
    for exception in (HttpStatusError, BodyUsedError, AbortError):
        exception.__module__ = names.http_exceptions_module
    FetchResponse.__module__ = pyfetch.__module__ = names.http_fetch_module


__all__ = [
    "AbortError", "BodyUsedError", "FetchResponse", "HttpStatusError", "open_url", "pyfetch",
    "pyxhr",
]  # fmt: skip
