"""What each process of corpuskit settles before it imports what is large: it is one core among others."""

from __future__ import annotations

import gc
import os

__all__ = ["ALONE", "settle"]

#: Of the environment, where nobody has said otherwise. Threads for products of small matrices would only wait, spinning.
ALONE = {"OPENBLAS_NUM_THREADS": "1"}

#: New objects after which Python looks for circles among them. At its usual 700 it looks a thousand times while what a
#: build needs is imported, and finds nothing: a tenth of the start.
_OBJECTS = 50_000


def settle() -> None:
    """Set all this for the process that runs."""
    gc.set_threshold(_OBJECTS)
    for name, value in ALONE.items():
        os.environ.setdefault(name, value)
