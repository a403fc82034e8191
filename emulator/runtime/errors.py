"""Failures as they travel between guests: plain data, with the flags callers can see.

    GuestError          an exception of guest code, or of the platform, on its way to a caller
    ActorAborted        unwinds guest code of an actor that is gone; not an Exception on purpose

A GuestError carries the JavaScript error as encoded bytes, so that it may cross a process; where it
stays in this process it also carries the Python exception, for the error page.
"""

from __future__ import annotations

import traceback
from typing import Any, Final

from emulator import codec
from emulator.errors import StorageFormatError
from emulator.ffi.jobs import ContextEnded
from emulator.js import errors as js_errors
from emulator.js.errors import (
    ERROR_CLASSES,
    JsError,
    JsThrow,
    describe,
    error_value,
)
from emulator.js.values import JsValue

HUNG: Final = (
    "The Workers runtime canceled this request because it detected that your Worker's code had "
    "hung and would never generate a response. Refer to: "
    "https://developers.cloudflare.com/workers/observability/errors/"
)
DEFAULT_ABORT: Final = "Application called abort() to reset Durable Object."
SECTION_TIMEOUT: Final = (
    "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was "
    "canceled and the Durable Object was reset."
)
SECTION_DEPTH: Final = "blockConcurrencyWhile() calls are nested too deeply."
LOST: Final = "Network connection lost."
NOT_A_RESPONSE: Final = "Incorrect type for Promise: the Promise did not resolve to 'Response'."


class ActorAborted(ContextEnded):
    """Raised in guest code of an actor instance that is gone. Guests must not catch it."""


class GuestError(Exception):
    """A JavaScript error on its way to a caller. `properties` are flags such as `remote`."""

    def __init__(
        self,
        name: str,
        message: str,
        *,
        payload: bytes | None = None,
        properties: dict[str, Any] | None = None,
        exception: BaseException | None = None,
        fatal: bool = False,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.payload = payload
        self.properties = properties or {}
        self.exception = exception
        # The guest asked for the process to end (`sys.exit`): the connection is dropped.
        self.fatal = fatal
        # The guest's doing although the text is that of an internal error.
        self.blames_guest = False

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name

    @property
    def summary(self) -> str:
        """One line: the guest's exception, `ValueError: boom`."""
        if self.exception is not None and not isinstance(self.exception, JsThrow):
            return traceback.format_exception_only(self.exception)[-1].strip()
        return str(self).strip().splitlines()[-1]

    @property
    def traceback_text(self) -> str:
        """The guest's traceback, or the error's text where there is none."""
        if self.exception is not None and not isinstance(self.exception, JsThrow):
            return js_errors.format_exception(self.exception)
        return self.message if self.name == "PythonError" else str(self)

    def flagged(self, **flags: Any) -> GuestError:
        """The same error with more flags, as the next caller sees it. Flags that are set stay."""
        error = GuestError(
            self.name,
            self.message,
            payload=self.payload,
            properties={**flags, **self.properties},
            exception=self.exception,
            fatal=self.fatal,
        )
        error.blames_guest = self.blames_guest
        return error

    def of_object(self, object_id: str) -> GuestError:
        """The same error as it leaves an object's method; the outermost object's id stays."""
        error = self.flagged()
        error.properties["durableObjectId"] = object_id
        return error


def platform_error(message: str, name: str = "Error", **flags: Any) -> GuestError:
    """An error that the platform makes, e.g. a reset actor's."""
    return GuestError(name, message, properties=flags)


def guest_error(exception: BaseException) -> GuestError:
    """The error that stands for an exception which left guest code."""
    if isinstance(exception, GuestError):
        return exception
    value = error_value(exception)
    python_exception = value.python_exception if isinstance(value, JsError) else None
    return _from_value(value, python_exception or exception)


def guest_error_from_value(value: JsValue) -> GuestError:
    """The error that stands for a thrown or rejected JavaScript value."""
    return _from_value(value, value.python_exception if isinstance(value, JsError) else None)


def _from_value(value: JsValue, exception: BaseException | None) -> GuestError:
    fatal = isinstance(exception, SystemExit)
    if not isinstance(value, JsError):
        return GuestError("Error", describe(value), exception=exception, fatal=fatal)
    properties = {
        key: True
        for key in ("retryable", "overloaded", "durableObjectReset", "remote")
        if value.js_get_own(key) is True
    }
    durable_object_id = value.js_get_own("durableObjectId")
    if isinstance(durable_object_id, str):
        properties["durableObjectId"] = durable_object_id  # type: ignore[assignment]
    return GuestError(
        value.name,
        value.message,
        payload=_encode(value),
        properties=properties,
        exception=exception,
        fatal=fatal,
    )


def _encode(value: JsError) -> bytes | None:
    """The whole error; None when a property of it cannot be cloned (name and message then go)."""
    try:
        return codec.encode(value)
    except JsThrow:
        return None


def error_object(error: GuestError, *, enhanced: bool) -> JsError:
    """The JavaScript error that a guest receives.

    `enhanced`: the flag enhanced_error_serialization; without it only names of standard classes
    survive, and own properties do not.
    """
    value = _decode(error) if enhanced else _simple(error)
    for key, flag in error.properties.items():
        if enhanced or key != "durableObjectId":
            value.js_set(key, flag)
    return value


def _decode(error: GuestError) -> JsError:
    if error.payload is not None:
        try:
            decoded = codec.decode(error.payload)
        except StorageFormatError:
            decoded = None
        if isinstance(decoded, JsError):
            if decoded.name != error.name:
                decoded.js_set("name", error.name)
            return decoded
    error_class = ERROR_CLASSES.get(error.name)
    if error_class is not None:
        return error_class(error.message)
    return JsError(error.message, name=error.name)


def _simple(error: GuestError) -> JsError:
    error_class = ERROR_CLASSES.get(error.name)
    return JsError(str(error)) if error_class is None else error_class(error.message)
