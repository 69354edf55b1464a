"""Which of some patterns each of a few lines may match, by how it begins.

The beginnings of the lines are looked up among the thousands of ways in which matches begin, and not the other way
round: a dictionary of these, or an automaton, takes longer to make than the lines of a hundred documents to look up. Both
sides are compared with case folded (`str.casefold`), which makes equal all that RE2 takes for equal with case ignored, and
a few more: the answer may hold too many patterns, never too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Heads"]


class Heads:
    """Patterns by number, each with the ways in which its matches begin."""

    def __init__(self, heads: Iterable[tuple[int, Iterable[str]]]) -> None:
        self._heads = [(number, tuple(map(str.casefold, beginnings))) for number, beginnings in heads]
        self._sizes = sorted({len(head) for _, some in self._heads for head in some})

    def ask(self, lines: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
        """Yield the number of each pattern of which any of `lines`, with case folded, has a beginning, and their places."""
        begun: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            for size in self._sizes:
                if size > len(line):
                    break
                begun.setdefault(line[:size], []).append(place)
        beginnings = begun.keys()
        for number, heads in self._heads:
            if not beginnings.isdisjoint(heads):
                yield number, sorted({place for head in heads for place in begun.get(head, ())})
