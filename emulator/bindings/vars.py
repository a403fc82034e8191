"""Variables and secrets: `vars` in the config."""

from __future__ import annotations

import json
from typing import Any

from emulator.bindings import vars_config
from emulator.bindings.kind import BindingContext, BindingKind
from emulator.js.values import JsValue
from emulator.runtime.web import plain_value


def bind(value: Any, context: BindingContext) -> JsValue:
    """Text as it is; numbers, lists and tables as the JavaScript values of their JSON."""
    return plain_value(value)


def describe(value: Any) -> str:
    """The value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


KIND = BindingKind(
    table=vars_config.TABLE,
    label=vars_config.LABEL,
    parse=vars_config.parse,
    bind=bind,
    describe=describe,
)
