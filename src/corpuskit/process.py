"""What each process of corpuskit settles before it imports what is large: it is one core among others."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress

__all__ = ["ALONE", "give_back", "settle"]

#: Of the environment, where nobody has said otherwise. Threads for products of small matrices would only wait, spinning;
#: each thread that takes memory would keep some for itself, and so would a second library for memory inside Arrow's.
#: The last two keep what is free below 32 MB for the next arrays of a batch: the library would give it back and get it again,
#: page by page, a quarter of a million pages for each 4,000 documents. `give_back` still gives it back between tasks.
ALONE = {
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
}

#: New objects after which Python looks for circles among them. At its usual 700 it looks a thousand times while what a
#: build needs is imported, a tenth of the start; a build of 3,000 documents leaves some four thousand objects in circles
#: in all, and at 50,000 looking for them took a twentieth of its time.
_OBJECTS = 1_000_000

#: What of it `mallopt(3)` is told, by its numbers.
_TOLD = {"MALLOC_ARENA_MAX": -8, "MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_MMAP_THRESHOLD_": -3}


def settle() -> None:
    """Set all this for the process that runs."""
    gc.set_threshold(_OBJECTS)
    for name, value in ALONE.items():
        os.environ.setdefault(name, value)
    with suppress(OSError, AttributeError):  # what the environment says of it counts for new processes only
        library = ctypes.CDLL(None)
        for name, number in _TOLD.items():
            library.mallopt(number, int(os.environ[name]))


def give_back() -> None:
    """Give memory that was of use and lies free among what is held back to the system, where its library can do that.

    A process that goes from task to task would otherwise keep a quarter of what it holds for nothing.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
