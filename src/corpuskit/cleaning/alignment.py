"""Which parts of two token lists are the same: what `difflib.SequenceMatcher` says without junk, by numpy.

The same blocks, found in the same order: the longest run of equal tokens, the earliest of several, then left and right
of it. `difflib` goes from token to token, and half of the tokens of a line are the same blank: for a long line that is
a hundred thousand steps for each block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["opcodes"]


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[bool, int, int, int, int]]:
    """Return how `new` comes from `old`, as stretches `old[a:b]` and `new[c:d]` with whether they are equal.

    Time and memory grow with the product of the lengths.
    """
    found: list[tuple[bool, int, int, int, int]] = []
    a = c = 0
    for at, to, size in [*_blocks(old, new), (len(old), len(new), 0)]:
        if a < at or c < to:
            found.append((False, a, at, c, to))
        a, c = at + size, to + size
        if size:
            found.append((True, at, a, to, c))
    return found


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """The equal runs as (place in `old`, place in `new`, length), sorted; those that touch are one."""
    numbers: dict[str, int] = {}
    first, second = (np.array([numbers.setdefault(one, len(numbers)) for one in some], dtype=np.int32) for some in (old, new))
    # How many tokens up to here are equal: of each place in `old` beside each in `new`.
    runs = np.zeros((len(old) + 1, len(new) + 1), dtype=np.int16)
    equal = first[:, None] == second
    for row in range(len(old)):
        np.multiply(runs[row, :-1] + 1, equal[row], out=runs[row + 1, 1:])
    runs = runs[1:, 1:]
    steps = np.arange(1, max(len(old), len(new)) + 1, dtype=np.int16)
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        a, b, c, d = waiting.pop()
        if a == b or c == d:
            continue
        inside = np.minimum(runs[a:b, c:d], steps[: b - a, None])
        np.minimum(inside, steps[: d - c], out=inside)
        row, column = divmod(int(inside.argmax()), d - c)
        size = int(inside[row, column])
        if size:
            at, to = a + row - size + 1, c + column - size + 1
            found.append((at, to, size))
            waiting += [(a, at, c, to), (at + size, b, to + size, d)]
    joined: list[tuple[int, int, int]] = []
    for at, to, size in sorted(found):
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (at, to):
            joined[-1] = (*joined[-1][:2], joined[-1][2] + size)
        else:
            joined.append((at, to, size))
    return joined
