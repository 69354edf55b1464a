"""Keep order and stars: which texts stay, and to which of these each dropped one belongs.

Texts are visited in keep order. One goes if and only if a verified edge leads from it to a text that is
already *kept*; so there are stars and no chains. That `a` is a copy of `b`, and `b` of `c`, says nothing
about `a` and `c`, and a text is read against none that went.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.index import Index, Member, Rooms
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.verify import COPIES, Edge, Reading, differences, read_all, verify

__all__ = ["STATES", "Link", "Settled", "Standing", "State", "components", "ranks", "settle", "strength"]

I64 = NDArray[np.int64]

#: withdrawn: on the takedown list; it and its copies stay out. released: kept by an earlier release; it
#: does not move, whatever comes now. They come first in keep order, in this order.
State = Literal["withdrawn", "released", "new"]
STATES: tuple[State, ...] = ("withdrawn", "released", "new")

_BLOCK = 256  # texts that are prepared together


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the place of a text in keep order."""

    id: str
    passages: int = 0      #: distinct five-word shingles of the clean text: what it repeats makes it no fuller
    fields: int = 0        #: number of known metadata fields
    date: str = ""         #: ISO 8601, possibly partial; unknown comes last
    state: State = "new"


def ranks(standings: Sequence[Standing]) -> I64:
    """Return the place of each text in keep order: withdrawn, then released ones, then most passages, most known
    fields, earliest date, smallest id. Ids must be distinct, for the order to be total.
    """

    def key(at: int) -> tuple[int, int, int, str, str]:
        text = standings[at]
        return STATES.index(text.state), -text.passages, -text.fields, text.date or "\U0010ffff", text.id

    places = np.empty(len(standings), dtype=np.int64)
    places[sorted(range(len(standings)), key=key)] = np.arange(len(standings))
    return places


@dataclass(frozen=True, slots=True)
class Link:
    """A verified edge between two ranks: `later` was read against `earlier`, which is kept."""

    later: int
    earlier: int
    edge: Edge
    lost: tuple[str, ...] = ()     #: longest passages that the earlier text lacks; for drops only
    gained: tuple[str, ...] = ()   #: longest passages of the earlier text that the later lacks
    also: tuple[int, ...] = ()     #: other kept ranks that hold the later text, too


@dataclass(frozen=True, slots=True)
class Settled:
    """What `settle` decided. Ranks in neither list are kept and resemble nothing."""

    drops: tuple[Link, ...]     #: each dropped text with the best kept one, by rank
    related: tuple[Link, ...]   #: pairs of kept texts that share much, by rank


def components(count: int, later: I64, earlier: I64) -> I64:
    """Return for each of `count` ranks the smallest rank that pairs connect it with: its own where there is none.

    What is decided in one component has no bearing on another, so they can be settled apart. Each round
    halves the distance to the smallest member at least; memory is a few numbers per rank and pair.
    """
    label = np.arange(count)
    while True:
        before = label.copy()
        low = np.minimum(label[later], label[earlier])
        np.minimum.at(label, later, low)
        np.minimum.at(label, earlier, low)
        np.minimum.at(label, before[later], low)
        np.minimum.at(label, before[earlier], low)
        label = label[label]
        if np.array_equal(before, label):
            return label


def settle(
    fetch: Callable[[int], str],
    texts: Iterable[Member],
    rooms: Rooms,
    asked: I64,
    withdrawn: int,
    released: int,
    options: Options,
    characters: int = 1 << 22,
) -> Settled:
    """Decide `texts`, which come in keep order; all that are connected are among them, and `rooms` is of their keys.

    `fetch` gives the text of a rank; `asked` says how many anchors each rank asks for. The first `withdrawn` ranks
    stand outside: they are published nowhere, what is a copy of one or *holds* one goes, and nothing else drops the
    `released` ones after them. About `characters` characters of text are held at a time, with some 20 bytes for each,
    whatever the number of texts; and for each key some 10 bytes, and 4 for each text that may answer for it.
    """
    index = Index(rooms, asked, withdrawn, released, options)
    shelf = _Shelf(fetch, characters)
    drops: list[Link] = []
    related: list[Link] = []
    waiting = iter(texts)
    while block := list(islice(waiting, _BLOCK)):
        shelf.stock(sorted(index.reach(block)))
        for one in block:
            found: list[Link] = []
            for other in index.ask(one):
                a, b = shelf.take(one.rank), shelf.take(other)
                edge = verify(a, b, options)
                if other < withdrawn and edge.kind not in COPIES:
                    back = verify(b, a, options).kind
                    edge = replace(edge, kind=back, reason="") if back in COPIES else edge
                if edge.kind != "none":
                    found.append(Link(one.rank, other, edge))
            holders = [link for link in found if link.edge.kind in COPIES]
            if holders:
                # What is a copy of a withdrawn text is told of no other.
                best = max(holders, key=lambda link: (link.earlier < withdrawn, strength(link.edge), -link.earlier))
                lost, gained = differences(shelf.take(one.rank), shelf.take(best.earlier))
                also = tuple(link.earlier for link in holders if link is not best and best.earlier >= withdrawn)
                drops.append(replace(best, lost=lost, gained=gained, also=also))
            else:
                index.add(one)
                related.extend(link for link in found if link.earlier >= withdrawn)
    return Settled(tuple(drops), tuple(related))


def strength(edge: Edge) -> float:
    """Order of edges: exact, near, contained; then what loses least, then what is closest."""
    kind = COPIES.index(edge.kind) + 1 if edge.kind in COPIES else 0
    return 10.0 * kind + edge.coverage + edge.coverage_back / 100


@dataclass(slots=True)
class _Shelf:
    """Texts prepared for comparison, those used last kept at hand up to a number of characters."""

    fetch: Callable[[int], str]
    room: int
    readings: OrderedDict[int, Reading] = field(default_factory=OrderedDict)

    def stock(self, ranks_: Iterable[int]) -> None:
        """Prepare these texts together as far as they fit, which is several times faster than one by one."""
        texts: dict[int, str] = {}
        room = self.room
        for rank in ranks_:
            if rank in self.readings:
                self.readings.move_to_end(rank)
            elif rank not in texts:
                texts[rank] = self.fetch(rank)
                room -= len(texts[rank])
                if room < 0:
                    break
        for rank, reading in zip(texts, read_all(list(texts.values())), strict=True):
            self.readings[rank] = reading
        self._clear()

    def take(self, rank: int) -> Reading:
        if rank not in self.readings:
            self.readings[rank] = read_all([self.fetch(rank)])[0]
        self.readings.move_to_end(rank)
        return self.readings[rank]

    def _clear(self) -> None:
        held = sum(len(reading.text) for reading in self.readings.values())
        while held > self.room and len(self.readings) > 2:
            _, reading = self.readings.popitem(last=False)
            held -= len(reading.text)
