"""ftfy's pattern of broken encoding, without ftfy: most texts need nothing else of it, and its import takes 50 ms.

What the installed ftfy says is kept in this machine's cache, under the digest of the file that says it.
"""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from pathlib import Path

import numpy as np

from corpuskit import cache

__all__ = ["pattern"]

_LOOSE = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|#[^\n]*|\s", re.DOTALL)  # what stays, or else a comment or a blank


def pattern() -> str:
    """Return the pattern that texts which ftfy may read again match, in the words of RE2."""
    source = _source()
    if source is None:
        return _translated()
    kept = cache.arrays("ftfy-badness", source, lambda: {"utf-8": np.frombuffer(_translated().encode(), dtype=np.uint8)})
    return kept["utf-8"].tobytes().decode()


def _source() -> bytes | None:
    """The file of ftfy that has the pattern, found without importing ftfy; None where it is not to be found."""
    found = importlib.util.find_spec("ftfy")
    for folder in (found and found.submodule_search_locations) or ():
        with suppress(OSError):
            return Path(folder, "badness.py").read_bytes()
    return None


def _translated() -> str:
    """The pattern as ftfy has it, without the white space and comments of `re.VERBOSE`, which count inside a class only."""
    from ftfy.badness import BADNESS_RE

    return _LOOSE.sub(r"\1", BADNESS_RE.pattern)
