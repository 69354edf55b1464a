"""One progress line on stderr: stage, share, rate, time left. Silent when stderr is no terminal."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Self

import click

__all__ = ["Bar"]

_AFTER = 0.5  # seconds before anything is drawn: short work stays quiet
_EVERY = 0.1  # seconds between two drawings
_WIDTH = 24
_SOURCE = 32  # characters of the source that are shown


class Bar:
    """Draws what `run` reports; use as a context manager."""

    def __init__(self, quiet: bool = False, drawn: bool = True) -> None:
        self._quiet = quiet
        self._on = drawn and not quiet and sys.stderr.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0
        self._stage = ""
        self._stage_began = self._began
        self._stage_documents = 0
        self._stage_done = 0
        self._wide = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove the line."""
        if self._wide:
            click.echo("\r" + " " * self._wide + "\r", nl=False, err=True)
            self._wide = 0

    def say(self, text: str) -> None:
        """Print a line of its own, unless all is to be quiet."""
        if not self._quiet:
            self.clear()
            click.echo(text, err=True)

    def __call__(self, stage: str, done: int, total: int, documents: int, at: str = "") -> None:
        """Take note of `done` of `total` units of `stage` (0 where nobody knows), of the documents so far, and of the
        source that is worked on.
        """
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._stage_began, self._stage_documents, self._stage_done = stage, now, documents, done
        if not self._on or now - self._began < _AFTER or (now - self._drawn < _EVERY and (done < total or not total)):
            return
        self._drawn = now
        spent = max(1e-9, now - self._stage_began)
        line = f"{stage:<8}"
        if total:
            filled = _WIDTH * done // total
            line += f" {'█' * filled}{'░' * (_WIDTH - filled)} {100 * done // total} %"
        if documents:
            line += f" · {documents:,} documents"
            if documents > self._stage_documents:
                line += f" · {(documents - self._stage_documents) / spent:,.0f}/s"
        if self._stage_done < done < total:  # what was done before it began says nothing of how fast it goes
            line += f" · {_clock(spent * (total - done) / (done - self._stage_done))} left"
        if at:
            line += f" · {''.join(c if c.isprintable() else ' ' for c in at)[:_SOURCE]}"
        line = line[: shutil.get_terminal_size().columns - 1]
        click.echo("\r" + line.ljust(self._wide), nl=False, err=True)
        self._wide = max(self._wide, len(line))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
