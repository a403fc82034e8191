"""`Intl`, in American English: what `Date` and `Number` need for their texts.

Differs from the real runtime, which has every locale: another one raises an error that names
pyworkers, and so does what the few options that are here cannot express. Python has the rest.
Source: ECMA-402; Unicode CLDR for the formats.
"""

from emulator.js.intl.date_format import DateTimeFormat
from emulator.js.intl.number_format import NumberFormat
from emulator.js.object import JsObject
from emulator.js.unsupported import Unsupported
from emulator.js.values import MISSING, JsValue, PropertyKey

_UNSUPPORTED = frozenset(
    {"Collator", "DisplayNames", "DurationFormat", "ListFormat", "Locale", "PluralRules",
     "RelativeTimeFormat", "Segmenter", "getCanonicalLocales", "supportedValuesOf"}
)  # fmt: skip


class Intl(JsObject, name="Object", tag="Intl", constructible=False):
    """The `Intl` namespace."""

    __slots__ = ()

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        if value is MISSING and key in _UNSUPPORTED:
            return Unsupported(f"Intl.{key}")
        return value

    def __init__(self) -> None:
        super().__init__()
        self._own = {
            "DateTimeFormat": DateTimeFormat.js_constructor,
            "NumberFormat": NumberFormat.js_constructor,
        }

    def js_own_keys(self) -> list[PropertyKey]:
        # Builtins are not enumerable.
        return []


__all__ = ["DateTimeFormat", "Intl", "NumberFormat"]
