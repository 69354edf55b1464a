"""Which of some patterns each of some lines may match, by how it begins.

The thousands of ways in which matches begin lie by their first bytes, so that most lines are through after one look; a drawer
is made ready when a line first begins with what it holds. Beginnings and lines are given as they are compared (see
`pattern.comparable`), and read backwards where they are endings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["Heads"]

_FIRST = 4  # bytes by which beginnings are laid out
_KNOWN = 1 << 14  # ways in which lines have begun that are remembered: a web of text has more

#: Beginnings with the numbers of their patterns, and how long they are.
_Drawer = tuple[tuple[int, ...], dict[bytes, list[int]]]
_NONE: _Drawer = ((), {})


class Heads:
    """Patterns by number, each with the ways in which its matches begin."""

    def __init__(self, heads: Iterable[tuple[int, Iterable[bytes]]]) -> None:
        self._written: dict[bytes, list[tuple[bytes, int]]] = {}  # beginnings, by their first bytes
        for number, some in heads:
            for head in some:
                self._written.setdefault(head[:_FIRST], []).append((head, number))
        self._made: dict[bytes, _Drawer] = {}  # by what patterns begin with
        self._known: dict[bytes, _Drawer] = {}  # by how lines begin, whether patterns do or not

    def ask(self, lines: Sequence[bytes]) -> dict[int, list[int]]:
        """Return, for each pattern of which any of `lines` has a beginning, their places in order."""
        found: dict[int, list[int]] = {}
        known = self._known
        for place, line in enumerate(lines):
            sizes, numbers = known.get(line[:_FIRST]) or self._drawer(line[:_FIRST])
            for size in sizes:
                if size > len(line):
                    break
                for number in numbers.get(line[:size], ()):
                    found.setdefault(number, []).append(place)
        return found

    def _drawer(self, first: bytes) -> _Drawer:
        """The beginnings of lines that begin with `first`."""
        if len(self._known) >= _KNOWN:
            self._known.clear()
        sizes = [size for size in range(1, _FIRST + 1) if first[:size] in self._written]
        if not sizes:
            return self._known.setdefault(first, _NONE)
        key = first[: sizes[-1]]
        if key not in self._made:
            numbers: dict[bytes, list[int]] = {}
            shorter: dict[int, list[bytes]] = {}
            for head, number in sorted(one for size in sizes for one in self._written[first[:size]]):
                others = shorter.setdefault(number, [])
                if not any(map(head.startswith, others)):  # a pattern is found once in a line
                    others.append(head)
                    numbers.setdefault(head, []).append(number)
            self._made[key] = tuple(sorted({len(head) for head in numbers})), numbers
        return self._known.setdefault(first, self._made[key])
