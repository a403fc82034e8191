"""Small globals of the platform: `performance`, `navigator`, `Cloudflare`, `reportError`."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.convert import to_string
from emulator.js.define import getter, method
from emulator.js.errors import JsEvalError, JsThrow
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import wrong_parameter

NO_CODE_GENERATION = "Code generation from strings disallowed for this context"
USER_AGENT = "Cloudflare-Workers"


class Performance(JsObject, name="Performance", constructible=False):
    """`performance`, whose clock is that of `Date.now()`."""

    __slots__ = ()

    @getter
    def timeOrigin(self) -> int:
        return 0

    @method
    def now(self) -> float:
        return host.current().now_ms()


class Navigator(JsObject, name="Navigator", constructible=False):
    """`navigator`."""

    __slots__ = ()

    @getter
    def languages(self) -> JsArray:
        return JsArray(["en"])

    @getter
    def language(self) -> str:
        return "en"

    @getter
    def platform(self) -> str:
        return ""

    @getter
    def hardwareConcurrency(self) -> int:
        return 1

    @getter
    def userAgent(self) -> str:
        return USER_AGENT

    @method
    def sendBeacon(self, url: JsValue = MISSING, body: JsValue = None) -> bool:
        from emulator.js.fetch import fetch  # noqa: PLC0415 - most programs never send one

        if url is MISSING:
            raise wrong_parameter("Navigator", "sendBeacon", 1, "string")
        init = PlainObject({"method": "POST", "body": body})
        fetch(to_string(url), init).handled = True
        return True


class Cloudflare(JsObject, name="Cloudflare", constructible=False):
    """`Cloudflare`, with the flags that the realm runs under."""

    __slots__ = ("_flags",)

    def __init__(self, flags: Mapping[str, bool]) -> None:
        super().__init__()
        self._flags = PlainObject(flags)

    @getter
    def compatibilityFlags(self) -> PlainObject:
        return self._flags


def _refuse(this: JsValue, *args: JsValue) -> JsValue:
    del this, args
    raise JsThrow(JsEvalError(NO_CODE_GENERATION))


def _report_error(this: JsValue, error: JsValue = MISSING) -> None:
    del this
    if error is MISSING:
        raise wrong_parameter("ServiceWorkerGlobalScope", "reportError", 1, "any")
    host.current().report_error(error)


EVAL = NativeFunction("eval", _refuse)
REPORT_ERROR = NativeFunction("reportError", _report_error)
