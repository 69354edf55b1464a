"""All steps composed for texts that fit into memory; the build runs the same functions as tasks over
files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import link, merge, select
from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.sketch import Sketches, sketch_batch
from corpuskit.duplicates.stars import Standing, ranks, stars, unsettled
from corpuskit.duplicates.verify import COPIES, Edge, Reading, differences, read_all, verify

__all__ = ["Copy", "Deduped", "Related", "dedup", "propose", "strength", "twins", "verify_pairs"]

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
    """Two texts that share much and are not copies of one another; both stay unless a third drops them."""

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
    fixed = sum(standing.state != "new" for standing in standings)
    twin = twins(sketches.digests, places)

    def fetch(rank: int) -> str:
        text: str = texts[at[rank]]
        return text

    later, earlier = propose(sketches, places, twin, options)
    if withdrawn:
        asked_back = propose_back(sketches, places, withdrawn, options)
        later, earlier, _ = merge(
            np.concatenate([later, asked_back[0]]), np.concatenate([earlier, asked_back[1]]), None
        )
    edges = list(verify_pairs(fetch, later, earlier, options, withdrawn))
    while True:
        drops = np.array([edge.kind in COPIES for edge in edges], dtype=bool)
        strong = np.array([strength(edge) for edge in edges], dtype=np.float64)[drops]
        chosen = stars(len(texts), withdrawn, fixed - withdrawn, later[drops], earlier[drops], strong)
        more = unsettled(chosen, later[drops], earlier[drops], fixed)
        fresh = _unread(*more, later, earlier)
        if not len(fresh[0]):
            break
        edges.extend(verify_pairs(fetch, *fresh, options, withdrawn))
        later, earlier = np.concatenate([later, fresh[0]]), np.concatenate([earlier, fresh[1]])

    ids = [known[index].id for index in at]
    deciding = np.flatnonzero(drops)
    copies = []
    for rank in range(withdrawn, len(texts)):
        first = int(twin[rank])
        if chosen[first] >= 0:
            by = int(deciding[chosen[first]])
            kept, edge = int(earlier[by]), edges[by]
        elif first != rank and (rank >= fixed or first < withdrawn):
            kept, edge = first, verify(fetch(rank), fetch(first), options)
        else:
            continue
        copies.append(Copy(ids[rank], ids[kept], edge, *differences(fetch(rank), fetch(kept))))
    gone = {copy.id for copy in copies}.union(ids[:withdrawn])
    related = [
        Related(ids[a], ids[b], edge)
        for a, b, edge in zip(later.tolist(), earlier.tolist(), edges, strict=True)
        if edge.kind == "related"
    ]
    return Deduped(
        tuple(sorted(id_ for id_ in ids if id_ not in gone)),
        tuple(sorted(copies, key=lambda copy: copy.id)),
        tuple(sorted(related, key=lambda pair: (pair.id, pair.other))),
    )


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


def propose(sketches: Sketches, places: I64, twin: I64, options: Options) -> tuple[I64, I64]:
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
    return select(later, earlier, both & 0xFFFFFFFF, both >> 32, asked[later], options)


def propose_back(sketches: Sketches, places: I64, withdrawn: int, options: Options) -> tuple[I64, I64]:
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


def verify_pairs(
    fetch: Callable[[int], str],
    later: I64,
    earlier: I64,
    options: Options,
    withdrawn: int = 0,
    characters: int = 1 << 23,
) -> Iterator[Edge]:
    """Yield the edge of each pair, in order; `fetch` gives the text of a rank.

    Against one of the first `withdrawn` ranks a text counts as a copy also when it *holds* that text. Texts
    are prepared in blocks of pairs whose texts have about `characters` characters in all, some 20 bytes for
    each. """
    pairs = list(zip(later.tolist(), earlier.tolist(), strict=True))
    start = 0
    while start < len(pairs):
        texts: dict[int, str] = {}
        room = characters
        stop = start
        while stop < len(pairs) and room > 0:
            for rank in pairs[stop]:
                if rank not in texts:
                    texts[rank] = fetch(rank)
                    room -= len(texts[rank])
            stop += 1
        readings: dict[int, Reading] = dict(zip(texts, read_all(list(texts.values())), strict=True))
        for a, b in pairs[start:stop]:
            edge = verify(readings[a], readings[b], options)
            if b < withdrawn and edge.kind not in COPIES:
                back = verify(readings[b], readings[a], options)
                edge = replace(edge, kind=back.kind, reason="") if back.kind in COPIES else edge
            yield edge
        start = stop


def strength(edge: Edge) -> float:
    """Order of edges: exact before near before contained, then what is lost least, then what is closest."""
    if edge.kind not in COPIES:
        return -1.0
    return 10.0 * COPIES.index(edge.kind) + edge.coverage + edge.coverage_back / 100


def _unread(later: I64, earlier: I64, *read: I64) -> tuple[I64, I64]:
    """Return the pairs that are not among those read."""
    known = (read[0] << 32) | read[1]
    new = ~np.isin((later << 32) | earlier, known)
    return later[new], earlier[new]
