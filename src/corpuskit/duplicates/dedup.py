"""All steps composed for texts that fit into memory; the build runs the same functions as tasks over
files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import link, merge, select
from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.sketch import Sketches, sketch_batch
from corpuskit.duplicates.stars import Link, Settled, Standing, ranks, settle
from corpuskit.duplicates.verify import Edge, same

__all__ = ["Copy", "Deduped", "Related", "dedup", "propose", "spread", "twins"]

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Copy:
    """A text that is dropped, and the proof."""

    id: str
    kept: str                  #: id of the text that stays and holds it
    edge: Edge
    lost: tuple[str, ...]      #: the longest passages that the kept text lacks
    gained: tuple[str, ...]    #: the longest passages of the kept text that this one lacks


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

    `standings` names the texts, one for one; their `words` are counted here. The texts that stay are the same
    whatever the order of the input. Raises `ValueError` when an id stands twice.
    """
    if len({standing.id for standing in standings}) != len(standings) or len(texts) != len(standings):
        raise ValueError("texts and standings must stand one for one, with distinct ids")
    sketches = sketch_batch(texts, options)
    known = [replace(s, words=n) for s, n in zip(standings, sketches.words.tolist(), strict=True)]
    places = ranks(known)
    at = np.argsort(places).tolist()  # index of the text of each rank
    withdrawn = sum(standing.state == "withdrawn" for standing in standings)
    released = sum(standing.state == "released" for standing in standings)

    def fetch(rank: int) -> str:
        text: str = texts[at[rank]]
        return text

    twin = twins(sketches.digests, places)
    later, earlier = propose(sketches, places, twin, withdrawn, options)
    settled = settle(fetch, later, earlier, withdrawn, released, options)

    ids = [known[index].id for index in at]
    copies = [
        Copy(ids[drop.later], ids[drop.earlier], drop.edge, drop.lost, drop.gained)
        for drop in spread(settled, twin, sketches.words[at], withdrawn, released)
    ]
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


def spread(settled: Settled, twin: I64, words: I64, withdrawn: int, released: int) -> list[Link]:
    """Return the drops of all texts: those that were settled, and the exact copies that took no part in it.

    `twin` and `words` go by rank. An exact copy of a kept text belongs to it; one of a dropped text shares
    that text's edge, word for word. """
    drops = {drop.later: drop for drop in settled.drops}
    result = list(settled.drops)
    for rank in np.flatnonzero(twin != np.arange(len(twin))).tolist():
        first = int(twin[rank])
        drop = drops.get(first, Link(rank, first, same(int(words[rank]))))
        if rank >= withdrawn + released or (rank >= withdrawn and drop.earlier < withdrawn):
            result.append(replace(drop, later=rank))
    return result


def twins(digests: NDArray[np.uint64], places: I64) -> I64:
    """Return for each rank the smallest rank with the same digest: itself where the text is the first
    such."""
    order = np.lexsort((places, digests[:, 1], digests[:, 0]))
    sorted_ = digests[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (sorted_[1:] != sorted_[:-1]).any(axis=1)
    first = places[order][np.flatnonzero(fresh)][np.cumsum(fresh) - 1] if len(order) else places
    result = np.empty(len(places), dtype=np.int64)
    result[places[order]] = first
    return result


def propose(
    sketches: Sketches, places: I64, twin: I64, withdrawn: int, options: Options
) -> tuple[I64, I64]:
    """Return the pairs (later, earlier) of ranks worth reading; of exact copies only the first takes part."""
    first = twin[places] == places
    rows = np.flatnonzero(first & sketches.banded)
    by_bands = link(
        sketches.bands[rows].ravel(), np.repeat(places[rows], sketches.bands.shape[1]), None, options
    )
    takes = first[sketches.anchor_texts]
    owners = places[sketches.anchor_texts]
    by_anchors = link(sketches.anchors[takes], owners[takes], sketches.probes[takes], options)
    asked = np.zeros(len(places), dtype=np.int64)
    np.add.at(asked, owners[sketches.probes], 1)
    # One list of pairs with two counts: the high half for the anchors, the low for the bands.
    later, earlier, both = merge(
        np.concatenate([by_bands[0], by_anchors[0]]),
        np.concatenate([by_bands[1], by_anchors[1]]),
        np.concatenate([by_bands[2], by_anchors[2] << 32]),
    )
    later, earlier = select(later, earlier, both & 0xFFFFFFFF, both >> 32, asked[later], options)
    if not withdrawn:
        return later, earlier
    asking = _ask_back(sketches, places, withdrawn, options)
    later, earlier, _ = merge(
        np.concatenate([later, asking[0]]), np.concatenate([earlier, asking[1]]), None
    )
    return later, earlier


def _ask_back(sketches: Sketches, places: I64, withdrawn: int, options: Options) -> tuple[I64, I64]:
    """Return the pairs (later, withdrawn text) in which the withdrawn one may stand within the later one.

    In keep order a text asks only those before it; a withdrawn text has to ask all that follow.
    """
    owners = places[sketches.anchor_texts]
    # The order turned round: a withdrawn text comes last and asks.
    last = len(places) - 1
    asks = sketches.probes & (owners < withdrawn)
    later, earlier, shared = link(sketches.anchors, last - owners, asks, options)
    asked = np.zeros(len(places), dtype=np.int64)
    np.add.at(asked, last - owners[asks], 1)
    later, earlier = select(
        later, earlier, np.zeros_like(shared), shared, asked[later], replace(options, partners=1 << 30)
    )
    later, earlier = last - earlier, last - later
    others = later >= withdrawn
    return later[others], earlier[others]
