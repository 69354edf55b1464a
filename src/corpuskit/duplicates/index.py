"""Which texts a text is read against: those that stay and come before it in keep order, found by their keys.

A text that goes answers nobody, so it has no say in what stays: whether it was taken away before makes no difference.
Of the texts that stay under one key the first `Options.bucket` answer, and of those that answer the `Options.partners`
with most evidence are read; one template in a million texts costs each of them no more than one in a thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import ANCHOR, ASKED, BAND, Keys, needed
from corpuskit.duplicates.options import Options

__all__ = ["Index", "Member", "members"]

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Member:
    """A text that shares keys with others: its rank, and these keys."""

    rank: int
    bands: list[int]
    silent: list[int]   #: anchors that it does not ask the others for
    asked: list[int]    #: those that it asks for

    @property
    def keys(self) -> list[int]:
        """All keys under which others find it."""
        return [*self.bands, *self.silent, *self.asked]


def members(parts: Iterable[Keys]) -> Iterator[Member]:
    """Yield the texts of `parts`, which are sorted by text and kind; a text may go on in the next part."""
    open_ = Keys(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8))
    for part in parts:
        columns = [np.concatenate([getattr(one, name) for one in (open_, part)]) for name in Keys.__slots__]
        last = int(np.searchsorted(columns[1], columns[1][-1])) if len(columns[1]) else 0
        yield from _members(Keys(*(column[:last] for column in columns)))
        open_ = Keys(*(column[last:] for column in columns))
    yield from _members(open_)


def _members(rows: Keys) -> Iterator[Member]:
    begins = np.flatnonzero(np.diff(rows.texts, prepend=-1))
    ranks = rows.texts[begins]
    place = rows.texts * 3 + rows.kinds
    bounds = [np.searchsorted(place, ranks * 3 + kind).tolist() for kind in (BAND, ANCHOR, ASKED, ASKED + 1)]
    for rank, *ends in zip(ranks.tolist(), *bounds, strict=True):
        yield Member(rank, *(rows.keys[low:high].tolist() for low, high in pairwise(ends)))


@dataclass(slots=True)
class _Register:
    """Texts by key; under each key no more than `room`, those that came first."""

    room: int
    first: dict[int, int] = field(default_factory=dict)  # most keys have one text, and a list costs 60 bytes
    others: dict[int, list[int]] = field(default_factory=dict)

    def add(self, rank: int, keys: Iterable[int]) -> None:
        for key in keys:
            if self.first.setdefault(key, rank) != rank:
                others = self.others.setdefault(key, [])
                if len(others) < self.room - 1:
                    others.append(rank)

    def ask(self, keys: Sequence[int]) -> Counter[int]:
        """The texts under these keys, and under how many of them each stands."""
        found = Counter(self.first[key] for key in keys if key in self.first)
        for key in keys:
            if key in self.others:
                found.update(self.others[key])
        return found


class Index:
    """The texts that answer: withdrawn ones, and those that stay."""

    def __init__(self, asked: I64, withdrawn: int, released: int, options: Options) -> None:
        """`asked` says for each rank how many anchors it asks for; see `settle` for the others."""
        self._need = needed(asked, options)
        self._withdrawn, self._fixed = withdrawn, withdrawn + released
        self._options = options
        self._kept, self._out = _Register(options.bucket), _Register(options.bucket)
        self._inside = _Register(options.bucket)  # withdrawn texts by the anchors that they ask for: what holds one goes

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
            inside = self._inside.ask([*one.silent, *one.asked])
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
            enough.sort(key=lambda rank: (-2 * anchors[rank] - bands[rank], rank))
        return enough[: self._options.partners]

    def reach(self, block: Sequence[Member]) -> set[int]:
        """Return the ranks that are likely to be read for a block of texts."""
        nearby: dict[int, int] = {}  # the first of the block under each key: it is likely to stay
        found: set[int] = set()
        for one in block:
            others = {nearby[key] for key in (*one.bands, *one.asked) if key in nearby}.union(self.ask(one))
            found.update([one.rank, *others] if others else ())
            for key in one.keys:
                nearby.setdefault(key, one.rank)
        return found
