"""What callers get for a failure that is neither theirs nor the guest's.

The error only has a reference; what happened is in the log beside the same reference.
"""

from __future__ import annotations

from base64 import b32hexencode
from typing import Any, Final

from emulator.runtime.errors import GuestError, platform_error
from emulator.runtime.services import Services

INTERNAL: Final = "internal error; reference = {}"


def internal_error(services: Services, cause: BaseException, **flags: Any) -> GuestError:
    """Reports the cause; the error for callers."""
    reference = b32hexencode(services.entropy.random_bytes(15)).decode().lower()
    message = INTERNAL.format(reference)
    services.observer.uncaught_error(f"{message}\n  caused by: {cause}")
    return platform_error(message, **flags)
