"""What the user sees: progress on stderr, so that stdout stays a script's own."""

import sys
import time
from contextlib import contextmanager


def say(text: str) -> None:
    """Print one line of progress."""
    print(f'dev: {text}', file=sys.stderr, flush=True)


@contextmanager
def timed(title: str):
    """Announce a step and, at its end, how long it took."""
    say(f'{title} …')
    start = time.monotonic()
    yield
    say(f'{title}: done in {time.monotonic() - start:.1f} s')
