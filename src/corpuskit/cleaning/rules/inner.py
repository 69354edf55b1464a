"""Which of some patterns each of some lines may match, by what it holds.

One pass of Aho and Corasick's automaton (1975) over a line finds all literals in it, however many there are. RE2 answers
the same and makes a state for each set of patterns of which a line has held a literal so far: on lines that it had not seen
it took five times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ahocorasick_rs import BytesAhoCorasick

__all__ = ["Inner"]


class Inner:
    """Patterns by number, each with the literals of which its matches hold one."""

    def __init__(self, inner: Iterable[tuple[int, Iterable[bytes]]]) -> None:
        numbers: dict[bytes, list[int]] = {}
        for number, literals in inner:
            for literal in literals:
                numbers.setdefault(literal, []).append(number)
        self._numbers = list(numbers.values())
        self._literals = BytesAhoCorasick(list(numbers))

    def ask(self, lines: Sequence[bytes]) -> dict[int, list[int]]:
        """Return, for each pattern of which any of `lines` holds a literal, their places in order."""
        found: dict[int, list[int]] = {}
        numbers, search = self._numbers, self._literals.find_matches_as_indexes
        for place, line in enumerate(lines):
            if literals := {literal for literal, _, _ in search(line, overlapping=True)}:
                for number in {number for literal in literals for number in numbers[literal]}:
                    found.setdefault(number, []).append(place)
        return found
