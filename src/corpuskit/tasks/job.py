"""What a task is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Job"]


@dataclass(frozen=True, slots=True)
class Job:
    """Named inputs, a folder of its own for the outputs, and the options. A task returns its number of documents."""

    inputs: Mapping[str, tuple[Path, ...]]
    out: Path
    options: Any

    def one(self, name: str) -> Path:
        """Return the only file of input `name`."""
        (path,) = self.inputs[name]
        return path
