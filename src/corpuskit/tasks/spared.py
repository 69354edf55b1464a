"""What a task leaves alone, and why: a document or a file at which it failed when it was tried again, too."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFECT", "DIED", "Spared"]

#: The reasons that stand in quarantine, or beside a held document: worker processes died on it, or code raised what
#: nobody expected.
DIED = "worker-died"
DEFECT = "defect"


@dataclass(frozen=True, slots=True, order=True)
class Spared:
    """A document or a file that is named and left alone."""

    what: str  #: its id or path
    error: str = ""  #: what code raised at it, in one line; empty: worker processes died

    @property
    def reason(self) -> str:
        """`DIED` or `DEFECT`."""
        return DEFECT if self.error else DIED

    def __str__(self) -> str:
        """The reason, and behind a colon what was raised."""
        return f"{self.reason}: {self.error}" if self.error else self.reason
