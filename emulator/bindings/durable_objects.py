"""Durable Object namespaces: `durable_objects.bindings` in the config."""

from __future__ import annotations

from emulator.bindings import durable_objects_config
from emulator.bindings.durable_objects_config import DurableObjectBinding
from emulator.bindings.kind import BindingContext, BindingKind
from emulator.js.values import JsValue
from emulator.runtime.durable_object_namespace import DurableObjectNamespace


def bind(config: DurableObjectBinding, context: BindingContext) -> JsValue:
    """The namespace object of the class."""
    return DurableObjectNamespace(
        context.channels.actor_namespace(config.class_name, config.script_name)
    )


def describe(config: DurableObjectBinding) -> str:
    """The class, and the script where that is another."""
    where = f", defined in {config.script_name}" if config.script_name else ""
    return f"{config.class_name}{where}"


KIND = BindingKind(
    table=durable_objects_config.TABLE,
    label=durable_objects_config.LABEL,
    parse=durable_objects_config.parse,
    bind=bind,
    describe=describe,
    check=durable_objects_config.check_migrations,
)
