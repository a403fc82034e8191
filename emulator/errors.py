"""Everything pyworkers raises on purpose, as one tree.

    PyworkersError              has .hint and .location ("wrangler.toml:14:1")
    ├── UserError               the developer can mend it: exit code 2, no traceback of ours
    │   ├── ConfigError         a config file is wrong (emulator.config adds diagnostics)
    │   ├── LoadError           the user's module does not import, or lacks an export
    │   ├── AddressInUse        an explicitly requested port is taken
    │   ├── StateLocked         another process holds the state directory
    │   └── StorageFormatError  the state on disk is damaged, newer, or foreign
    ├── NotSupportedError       the real API exists, pyworkers does not have it; names it
    └── InternalError           an invariant of ours broke: please report

Errors that *guest* code must see are JavaScript values (`emulator.js.errors`), never these.
"""

from __future__ import annotations


class PyworkersError(Exception):
    """Base of the tree. `hint` is the next step, `location` is `path:line:col`."""

    def __init__(self, message: str, *, hint: str = "", location: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        next_step = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.message}{next_step}"


class UserError(PyworkersError):
    """The developer can mend it. The command line prints it and exits with 2."""


class ConfigError(UserError):
    """A config file is missing, unreadable or wrong."""


class LoadError(UserError):
    """The user's module failed to import, or does not export what the config names."""


class AddressInUse(UserError):
    """A port that was asked for explicitly is taken."""


class StateLocked(UserError):
    """Another process holds the state directory."""


class StorageFormatError(UserError):
    """The data on disk is damaged, written by a newer version, or not ours."""


class NotSupportedError(PyworkersError):
    """The real API has this and pyworkers does not. The message names the thing."""


class InternalError(PyworkersError):
    """An invariant of pyworkers broke."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="this is a bug in pyworkers, please report it")
