"""Which texts a text is read against: those that stay and come before it in keep order, found by their keys.

A text that goes answers nobody, so it has no say in what stays: whether it was taken away before makes no difference.
Of the texts that stay under one key the first `Options.bucket` answer, and of those that answer the `Options.partners`
with most evidence are read; one template in a million texts costs each of them no more than one in a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import ANCHOR, ASKED, BAND, Keys, needed
from corpuskit.duplicates.options import Options

__all__ = ["Index", "Member", "Rooms", "members"]

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


class Rooms:
    """The distinct keys of a load, by number, and how many texts may answer for each.

    All is in a few arrays: a dictionary of keys takes 200 bytes for each, and in a million documents that use each
    other's paragraphs in other words half hang together, with 27 million rows of keys.
    """

    def __init__(self, keys: U64, most: int) -> None:
        """`keys` of all rows, which are sorted in place; `most` texts at most answer for one."""
        keys.sort()
        fresh = np.ones(len(keys) + 1, dtype=bool)
        fresh[1:-1] = keys[1:] != keys[:-1]
        begins = np.flatnonzero(fresh).astype(np.int32 if len(keys) < 1 << 31 else np.int64)
        self._keys = keys[begins[:-1]]
        self.begins = np.zeros_like(begins)
        np.cumsum(np.minimum(np.diff(begins), most), out=self.begins[1:])

    def numbers(self, keys: U64) -> I64:
        """The number of each of these keys, all of which are among those given."""
        return np.searchsorted(self._keys, keys)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A text that shares keys with others: its rank, and the numbers of these keys, each once."""

    rank: int
    bands: I64
    silent: I64   #: anchors that it does not ask the others for
    asked: I64    #: those that it asks for

    @property
    def keys(self) -> I64:
        """All keys under which others find it."""
        return np.concatenate([self.bands, self.silent, self.asked])


def members(parts: Iterable[Keys], rooms: Rooms) -> Iterator[Member]:
    """Yield the texts of `parts`, which are sorted by text and kind; a text may go on in the next part."""
    open_ = Keys(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8))
    for part in parts:
        columns = [np.concatenate([getattr(one, name) for one in (open_, part)]) for name in Keys.__slots__]
        last = int(np.searchsorted(columns[1], columns[1][-1])) if len(columns[1]) else 0
        yield from _members(Keys(*(column[:last] for column in columns)), rooms)
        open_ = Keys(*(column[last:] for column in columns))
    yield from _members(open_, rooms)


def _members(rows: Keys, rooms: Rooms) -> Iterator[Member]:
    begins = np.flatnonzero(np.diff(rows.texts, prepend=-1))
    ranks = rows.texts[begins]
    place = rows.texts * 3 + rows.kinds
    bounds = [np.searchsorted(place, ranks * 3 + kind).tolist() for kind in (BAND, ANCHOR, ASKED, ASKED + 1)]
    numbers = rooms.numbers(rows.keys)
    for rank, *ends in zip(ranks.tolist(), *bounds, strict=True):
        yield Member(rank, *(numbers[low:high] for low, high in pairwise(ends)))


class _Register:
    """Texts by key; under each key no more than there is room for, those that came first."""

    def __init__(self, rooms: Rooms) -> None:
        self._begins = rooms.begins
        self._texts = np.zeros(int(rooms.begins[-1]), dtype=np.int32)  # memory that nobody writes to is not taken
        self._ends = rooms.begins[:-1].copy()

    def add(self, rank: int, keys: I64) -> None:
        at = self._ends[keys]
        free = at < self._begins[keys + 1]
        self._texts[at[free]] = rank
        self._ends[keys[free]] += 1

    def ask(self, keys: I64) -> dict[int, int]:
        """The texts under these keys, and under how many of them each stands."""
        begins = self._begins[keys]
        sizes = self._ends[keys] - begins
        ends = np.cumsum(sizes)
        if not len(keys) or not ends[-1]:
            return {}
        texts = self._texts[np.repeat(begins - ends + sizes, sizes) + np.arange(ends[-1])]
        ranks, counts = np.unique(texts, return_counts=True)
        return dict(zip(ranks.tolist(), counts.tolist(), strict=True))


class Index:
    """The texts that answer: withdrawn ones, and those that stay."""

    def __init__(self, rooms: Rooms, asked: I64, withdrawn: int, released: int, options: Options) -> None:
        """`asked` says for each rank how many anchors it asks for; see `settle` for the others."""
        self._need = needed(asked, options)
        self._withdrawn, self._fixed = withdrawn, withdrawn + released
        self._options = options
        self._kept, self._out = _Register(rooms), _Register(rooms)
        self._inside = _Register(rooms)  # withdrawn texts by the anchors that they ask for: what holds one goes

    def add(self, one: Member) -> None:
        """Let a text answer those after it: it is withdrawn, or it stays."""
        if one.rank < self._withdrawn:
            self._out.add(one.rank, one.keys)
            self._inside.add(one.rank, one.asked)
        else:
            self._kept.add(one.rank, one.keys)

    def ask(self, one: Member) -> list[int]:
        """Return the ranks that a text is to be read against, sorted. Withdrawn texts stand outside and ask nobody, and
        nothing but these drops a released one.
        """
        if one.rank < self._withdrawn:
            return []
        found = set(self._enough(self._out, one)) if self._withdrawn else set()
        if self._withdrawn:
            inside = self._inside.ask(np.concatenate([one.silent, one.asked]))
            found.update(rank for rank, count in inside.items() if count >= self._need[rank])
        if one.rank >= self._fixed:
            found.update(self._enough(self._kept, one))
        return sorted(found)

    def _enough(self, register: _Register, one: Member) -> list[int]:
        """Those with enough evidence, as many as are read. Anchors tell more than bands: a shared one is a shared
        passage."""
        bands, anchors = register.ask(one.bands), register.ask(one.asked)
        need = self._need[one.rank]
        enough = [rank for rank, count in anchors.items() if rank in bands or count >= need]
        enough += [rank for rank in bands if rank not in anchors]
        if len(enough) > self._options.partners:
            enough.sort(key=lambda rank: (-2 * anchors.get(rank, 0) - bands.get(rank, 0), rank))
        return enough[: self._options.partners]

    def reach(self, block: Sequence[Member]) -> set[int]:
        """Return the ranks that are likely to be read for a block of texts."""
        nearby: dict[int, int] = {}  # the first of the block under each key: it is likely to stay
        found: set[int] = set()
        for one in block:
            asked = np.concatenate([one.bands, one.asked]).tolist()
            others = {nearby[key] for key in asked if key in nearby}.union(self.ask(one))
            found.update([one.rank, *others] if others else ())
            for key in one.keys.tolist():
                nearby.setdefault(key, one.rank)
        return found
