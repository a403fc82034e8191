"""`pyworkers dev`, without the command line: from options to an exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emulator.config import ConfigError, load_config
from emulator.host.listen import listen
from emulator.host.preload import preload

if TYPE_CHECKING:
    from emulator.config import DevConfig
    from emulator.host.listen import Listener
    from emulator.host.options import DevOptions
    from emulator.host.reporter import Reporter


def run_dev(options: DevOptions, reporter: Reporter) -> int:
    """Serves the Worker of a project until somebody ends it.

    Raises:
        UserError: it cannot start, and no change of a file would help.
    """
    dev = _dev_config(options)
    ip = options.ip or (dev.ip if dev else None)
    port = options.port if options.port is not None else (dev.port if dev else None)
    listener = listen(ip, port)
    if listener.wanted_port not in (0, listener.port):
        reporter.port_moved(listener.wanted_port, listener.port)
    if options.reload and hasattr(os, "fork"):
        return _supervise(options, listener, reporter)
    if options.reload:
        reporter.no_reload()
    preload()
    from emulator.host.inline import run_inline  # noqa: PLC0415 - one of two, both are large

    return run_inline(options, listener, reporter)


def _supervise(options: DevOptions, listener: Listener, reporter: Reporter) -> int:
    preload()
    from emulator.host.supervisor import Supervisor  # noqa: PLC0415 - as above

    return Supervisor(options, listener, reporter).run()


def _dev_config(options: DevOptions) -> DevConfig | None:
    """How the config wants to listen; None if it is broken, which a generation will report."""
    try:
        return load_config(options.config_path, env=options.environment).worker.dev
    except ConfigError:
        return None
