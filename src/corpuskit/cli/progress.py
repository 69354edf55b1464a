"""How far it is, on stderr: stage, share, rate, time left. One line that is drawn again, or now and then one in a log."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Self

import click

__all__ = ["Bar"]

_AFTER = 0.5  # seconds before anything is drawn: short work stays quiet
_EVERY = 0.1  # seconds between two drawings
_LOGGED = 30.0  # seconds between two lines where stderr is no terminal, and before the first
_WIDTH = 24
_SOURCE = 32  # characters of the source that are shown


class Bar:
    """Draws what `run` reports, and says what it waits for; use as a context manager.

    With `quiet` neither is done; without `drawn` there is no progress.
    """

    def __init__(self, quiet: bool = False, drawn: bool = True) -> None:
        self._quiet = quiet
        self._drawn = drawn and not quiet
        self._terminal = sys.stderr.isatty()
        self._began = self._last = self._step_began = time.monotonic()
        self._step = ("", 0)  # stage and total
        self._step_done = self._step_documents = 0  # what was there when the step began
        self._done = 0
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
        """Take note of `done` of `total` units of a step of `stage` (0 where nobody knows), of the documents so far, and
        of the source or piece of work it is at.

        A stage has many steps, whose units have nothing to do with each other: rate and time left are of this one alone.
        """
        now = time.monotonic()
        begins = self._step != (stage, total) or done < self._done
        if begins:
            self._step, self._step_began = (stage, total), now
            self._step_done, self._step_documents = done, documents
        self._done = done
        if not self._drawn:
            return
        if not self._terminal:
            if now - self._last >= _LOGGED:
                self._last = now
                click.echo(f"{stage} {self._told(now, documents, at)}", err=True)
        elif now - self._began >= _AFTER and (begins or now - self._last >= _EVERY or 0 < total <= done):
            from corpuskit.reviewing.visible import width

            self._last = now
            line = self._drawn_line(now, documents, at, shutil.get_terminal_size().columns - 1)
            wide = width(line)
            click.echo("\r" + line + " " * (self._wide - wide), nl=False, err=True)
            self._wide = max(self._wide, wide)

    def _drawn_line(self, now: float, documents: int, at: str, room: int) -> str:
        """Return a line of at most `room` columns. Where that is little, the bar goes first, then the count of documents."""
        from corpuskit.reviewing.visible import width

        (stage, total), told = self._step, self._told(now, documents, at)
        bar = min(_WIDTH, room - width(f"{stage:<8}  {told}")) if total else 0
        if bar >= _WIDTH // 3:
            filled = bar * self._done // total
            return f"{stage:<8} {'█' * filled}{'░' * (bar - filled)} {told}"
        line = f"{stage:<8} {told}"
        if width(line) > room:
            line = f"{stage} {self._told(now, documents, at, counted=False)}"
        while width(line) > room:
            line = line[:-1]
        return line

    def _told(self, now: float, documents: int, at: str, counted: bool = True) -> str:
        """Say how far the step is at `now`; unless `counted`, without the number of documents."""
        (_, total), done = self._step, self._done
        spent = max(1e-9, now - self._step_began)
        told = [f"{100 * done // total} %"] if total else []
        if documents and counted:
            told.append(f"{documents:,} documents")
        if documents > self._step_documents:
            told.append(f"{(documents - self._step_documents) / spent:,.0f}/s")
        if self._step_done < done < total:  # what was done before it began says nothing of how fast it goes
            told.append(f"{_clock(spent * (total - done) / (done - self._step_done))} left")
        if at:
            told.append("".join(c if c.isprintable() else " " for c in at)[:_SOURCE])
        return " · ".join(told)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
