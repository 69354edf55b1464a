"""Quick looks: whether a pattern stands anywhere in a line, asked of each line before what is slow.

RE2's module builds a generator, an offset table and a match for each search; a set of one pattern answers yes or no.
"""

from __future__ import annotations

from collections.abc import Callable

import re2

__all__ = ["look"]


def look(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a text holds a match of an RE2 pattern."""
    options = re2.Options()
    options.never_capture = True
    made = re2.Set.SearchSet(options)
    made.Add(pattern)
    made.Compile()
    match = made.Match

    def holds(text: str) -> bool:
        if not text.isascii():  # Python takes both for an "i" where case does not count
            text = text.replace("İ", "i").replace("ı", "i")
        return match(text.encode("utf-8", "replace")) is not None

    return holds
