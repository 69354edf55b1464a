"""Waiting for others: a process that waits says for what, or nobody can tell that from a process that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Say", "unsaid", "waiting"]

_AFTER = 1.0  # seconds behind which a wait is told: most are over sooner

#: Called with a sentence for a person who looks on.
Say = Callable[[str], None]


def unsaid(text: str) -> None:
    """Say nothing."""


@contextmanager
def waiting(say: Say, what: str, most: float) -> Iterator[None]:
    """Say once that `what` is waited for, and for how many seconds at `most`, unless the block ends before that is due.

    It is said from a thread of its own, so that the block may wait in whatever way; behind the block nothing is said.
    """
    timer = threading.Timer(_AFTER, say, (f"waiting for {what}, {_span(most)} at most; Ctrl-C stops",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"
