"""What a commit gets when the disk refuses it.

A disk that failed once is not asked again: after a failed `write` the log may end in half a
record, and after a failed `fsync` the kernel may have dropped the dirty pages and report the next
`fsync` as a success. So the first failure is final for an open store, and only a reopen, which
reads what is there, ends it.
"""

from __future__ import annotations

import errno

from emulator.errors import UserError


class StorageFailed(UserError):
    """The disk refused a write, or the store is closed: nothing later was or will be stored."""

    def __init__(self, message: str, *, cause: BaseException | None = None) -> None:
        super().__init__(message, hint="what was acknowledged before is safe: mend it and restart")
        self.__cause__ = cause

    @property
    def is_disk_full(self) -> bool:
        """Whether the disk, or the user's quota on it, ran out of room."""
        cause = self.__cause__
        return isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}
