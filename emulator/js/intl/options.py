"""Locales and options, checked as V8 does."""

from __future__ import annotations

import re

from emulator.js.array import JsArray
from emulator.js.convert import get_option, to_number, to_string
from emulator.js.errors import not_supported, range_error
from emulator.js.values import JsValue, null

INVALID_TAG = "Invalid language tag: {tag}"
INVALID_VALUE = "Value {value} out of range for {caller} options property {name}"
OUT_OF_RANGE = "{name} value is out of range."

LOCALE = "en-US"
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ENGLISH = frozenset({"en", "en-us", "en-latn-us"})


def check_locale(locales: JsValue) -> None:
    """Throws unless the first locale that is asked for is American English, or none is."""
    if locales is None:
        return
    tags = list(locales.js_iter()) if isinstance(locales, JsArray) else [locales]
    texts = [to_string(tag) for tag in tags if tag is not null]
    for text in texts:
        if not _TAG.fullmatch(text):
            raise range_error(INVALID_TAG.format(tag=text))
    if texts and texts[0].lower() not in _ENGLISH:
        raise not_supported(f'the locale "{texts[0]}" of Intl ("en-US" is)')


class Options:
    """Reads options on behalf of a function, which errors name."""

    def __init__(self, options: JsValue, caller: str) -> None:
        self._options = options
        self._caller = caller

    def text(self, name: str) -> str | None:
        """Any text; None if it is absent."""
        value = get_option(self._options, name)
        return None if value is None else to_string(value)

    def choice(self, name: str, *allowed: str) -> str | None:
        """One of these; None if it is absent."""
        value = self.text(name)
        if value is not None and value not in allowed:
            text = INVALID_VALUE.format(value=value, caller=self._caller, name=name)
            raise range_error(text)
        return value

    def flag(self, name: str) -> JsValue:
        """The value itself; None if it is absent."""
        return get_option(self._options, name)

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds; None if it is absent."""
        value = get_option(self._options, name)
        if value is None:
            return None
        number = to_number(value)
        if not least <= number <= most:
            raise range_error(OUT_OF_RANGE.format(name=name))
        return int(number)

    def refuse(self, *names: str) -> None:
        """Options that are not here are refused by name."""
        for name in names:
            if get_option(self._options, name) is not None:
                raise not_supported(f"the option {name} of {self._caller}")
