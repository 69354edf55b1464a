"""All steps composed for texts that fit into memory; the build runs the same functions over files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import ASKED, Keys, keys_of, linked, propose, shared, within
from corpuskit.duplicates.index import Rooms, members
from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.stars import Link, Standing, components, ranks, settle
from corpuskit.duplicates.verify import Edge, same

__all__ = ["Copy", "Deduped", "Related", "dedup", "spread", "twins"]

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Copy:
    """A text that is dropped, and the proof."""

    id: str
    kept: str                  #: id of the text that stays and holds it
    edge: Edge
    lost: tuple[str, ...]      #: the longest passages that the kept text lacks
    gained: tuple[str, ...]    #: the longest passages of the kept text that this one lacks
    also: tuple[str, ...]      #: other texts that stay and hold it, the fullest first


@dataclass(frozen=True, slots=True)
class Related:
    """Two kept texts that share much and are not copies of one another."""

    id: str
    other: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Deduped:
    """Which texts stay and which go. Everything is sorted by id."""

    kept: tuple[str, ...]
    copies: tuple[Copy, ...]
    related: tuple[Related, ...]


def dedup(
    texts: Sequence[str], standings: Sequence[Standing], options: Options = DEFAULTS
) -> Deduped:
    """Return which of `texts` stay, and for each that goes the one that holds it.

    `standings` names the texts, one for one; their `passages` are counted here. The texts that stay are the same
    whatever the order of the input. Raises `ValueError` when an id stands twice.
    """
    if len({standing.id for standing in standings}) != len(standings) or len(texts) != len(standings):
        raise ValueError("texts and standings must stand one for one, with distinct ids")
    sketches = sketch_batch(texts, options)
    known = [replace(s, passages=n) for s, n in zip(standings, sketches.passages.tolist(), strict=True)]
    places = ranks(known)
    at = np.argsort(places).tolist()  # index of the text of each rank
    withdrawn = sum(standing.state == "withdrawn" for standing in standings)
    released = sum(standing.state == "released" for standing in standings)

    def fetch(rank: int) -> str:
        text: str = texts[at[rank]]
        return text

    twin = twins(sketches.digests, places)
    keys = keys_of(sketches)
    first = (twin[places] == places)[keys.texts]  # of exact copies only the first takes part
    ranked = Keys(keys.keys[first], places[keys.texts[first]], keys.kinds[first])
    asked = np.bincount(ranked.texts[ranked.kinds == ASKED], minlength=len(texts))
    label = components(len(texts), *linked(propose(ranked, withdrawn, options), asked, options))
    met = shared(ranked)
    several = (np.bincount(label, minlength=len(texts)) > 1)[label][met.texts]
    rows = Keys(met.keys[several], met.texts[several], met.kinds[several])
    parts = within(rows, label[rows.texts])
    rooms = Rooms(parts.keys.copy(), options.bucket)
    settled = settle(fetch, members([parts], rooms), rooms, asked, withdrawn, released, options)

    ids = [known[index].id for index in at]
    words = sketches.words[at]
    copies = []
    by = np.array([[link.later, link.earlier] for link in settled.drops], dtype=np.int64).reshape(-1, 2)
    going = spread(by[:, 0], by[:, 1], twin, withdrawn, released)
    for rank, kept, row in zip(*(column.tolist() for column in going), strict=True):
        link = settled.drops[row] if row >= 0 else Link(rank, kept, same(int(words[rank])))
        also = tuple(ids[other] for other in link.also)
        copies.append(Copy(ids[rank], ids[kept], link.edge, link.lost, link.gained, also))
    gone = {copy.id for copy in copies}.union(ids[:withdrawn])
    return Deduped(
        tuple(sorted(id_ for id_ in ids if id_ not in gone)),
        tuple(sorted(copies, key=lambda copy: copy.id)),
        tuple(
            sorted(
                (Related(ids[pair.later], ids[pair.earlier], pair.edge) for pair in settled.related),
                key=lambda pair: (pair.id, pair.other),
            )
        ),
    )


def spread(later: I64, earlier: I64, twin: I64, withdrawn: int, released: int) -> tuple[I64, I64, I64]:
    """Return rank, kept rank and deciding row of all dropped texts: of those that were settled, `earlier[i]` being
    the star of `later[i]`, and of the exact copies, `twin[rank] != rank`, that took no part in it.

    An exact copy of a kept text belongs to it, row -1; one of a dropped text shares that text's row, word for word.
    """
    row = np.full(len(twin), -1, dtype=np.int64)
    row[later] = np.arange(len(later))
    copies = np.flatnonzero(twin != np.arange(len(twin)))
    rows = row[twin[copies]]
    kept = np.where(rows >= 0, earlier[rows], twin[copies]) if len(earlier) else twin[copies]
    goes = (copies >= withdrawn + released) | ((copies >= withdrawn) & (kept < withdrawn))
    return (
        np.concatenate([later, copies[goes]]),
        np.concatenate([earlier, kept[goes]]),
        np.concatenate([np.arange(len(later)), rows[goes]]),
    )


def twins(digests: NDArray[np.uint64], places: I64) -> I64:
    """Return for each rank the smallest rank with the same digest: its own where the text is the first such."""
    order = np.lexsort((places, digests[:, 1], digests[:, 0]))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = False
    for column in digests.T:  # one at a time: of all texts there are many
        sorted_ = column[order]
        fresh[1:] |= sorted_[1:] != sorted_[:-1]
    places = places[order]
    result = np.empty(len(places), dtype=np.int64)
    result[places] = places[fresh][np.cumsum(fresh) - 1]
    return result
