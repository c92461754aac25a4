"""The one exception that ends a command with a line instead of a traceback."""

import errno


class DevError(Exception):
    """A bad condition of the machine or of the call: one line, exit status 2."""


def is_disk_full(text: str) -> bool:
    """Tell whether a program's output reports a full disk."""
    return 'No space left on device' in text or 'Disk quota exceeded' in text


def disk_full(folder, needed: int = 0) -> DevError:
    """Return the error for a disk that has no room under ``folder`` for ``needed`` bytes."""
    amount = f'{needed / 2**30:.0f} GB' if needed else 'some space'
    return DevError(
        f'the disk is full: free {amount} under {folder}, '
        'or set CREDIT_INVOICE_CACHE to a folder on another disk'
    )


def is_disk_full_error(error: OSError) -> bool:
    """Tell whether ``error`` means a full disk or an exhausted quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
