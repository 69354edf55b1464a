"""Sets of RE2 patterns, asked at once and in linear time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import re2

__all__ = ["automaton"]

_MEMORY = 16 << 20  # bytes that an automaton of many patterns may grow to: twice that makes nothing faster
_MOST_MEMORY = 1 << 30  # with less than it needs to begin with, an automaton is refused
_UNSEEN = "\n\x00\n"  # stands in no repaired text, and no line holds a line break


def automaton(
    sources: Sequence[str], start: Callable[[Any], Any] = re2.Set.SearchSet, memory: int = _MEMORY
) -> Callable[[bytes], list[int] | None]:
    """Return a function that says which of some RE2 patterns a text in UTF-8 matches, and not where: that takes a third of
    the time. `start` makes the set of them: of patterns that match anywhere, or the whole text.

    It may grow to `memory` bytes, then forgets what it has seen of lines; to more where that is too little to begin with.
    """
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.never_capture = True
    made = start(options)
    for one in (*sources, re2.escape(_UNSEEN)):
        made.Add(one)
    try:
        made.Compile()
        # With room for the patterns, but not for a few states, it would find nothing and say nothing.
        if len(sources) not in (made.Match(_UNSEEN.encode()) or ()):
            raise re2.error("no room for states")
    except re2.error:
        if memory >= _MOST_MEMORY:
            raise
        return automaton(sources, start, memory * 4)
    return made.Match  # type: ignore[no-any-return]
