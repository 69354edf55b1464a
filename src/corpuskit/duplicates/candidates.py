"""From keys to proposed pairs: group equal keys, link the members of a group, count the evidence.

Texts are known here by their *rank* in keep order (0 is kept first), so a pair is (later, earlier) and asks
one question: is the later text contained in the earlier? No bucket costs quadratic time: in one of more
than `Options.bucket` members each is linked to the first few (the most complete ones) and to its nearest
predecessors. """

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.options import Options

__all__ = ["link", "merge", "select"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]


def link(keys: U64, ranks: I64, asks: Bools | None, options: Options) -> tuple[I64, I64, I64]:
    """Return the pairs (later, earlier, number of keys they share) of texts that share a key.

    `keys[i]` is a key of the text with rank `ranks[i]`. With `asks`, a pair counts only where the later
    text asks for the key. All rows that have the same key must be in one call; the result does not depend
    on their order. """
    order = np.lexsort((ranks, keys))
    keys, ranks = keys[order], ranks[order]
    asked = np.ones(len(keys), dtype=bool) if asks is None else asks[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(fresh)
    group = np.cumsum(fresh) - 1
    sizes = np.diff(np.append(first, len(keys)))
    begin = first[group] if len(keys) else first
    place = np.arange(len(keys)) - begin
    giant = sizes[group] > options.bucket if len(keys) else asked
    later: list[I64] = []
    earlier: list[I64] = []

    def add(members: I64, partners: I64) -> None:
        distinct = ranks[members] != ranks[partners]
        later.append(ranks[members[distinct]])
        earlier.append(ranks[partners[distinct]])

    members = np.flatnonzero(asked & (place > 0))
    for distance in range(1, options.bucket):
        reach = options.bucket if distance <= options.heads else 0
        members = members[(place[members] >= distance) & (~giant[members] | (reach > 0))]
        if not len(members):
            break
        add(members, members - distance)
    crowd = np.flatnonzero(asked & giant)
    for head in range(options.heads):
        far = crowd[place[crowd] > head + options.heads]
        add(far, begin[far] + head)
    return merge(
        np.concatenate([np.zeros(0, dtype=np.int64), *later]),
        np.concatenate([np.zeros(0, dtype=np.int64), *earlier]),
        None,
    )


def merge(later: I64, earlier: I64, counts: I64 | None) -> tuple[I64, I64, I64]:
    """Return each pair once, its counts added up (each row counts 1 without `counts`), sorted by the pair."""
    joint = (later.astype(np.uint64) << np.uint64(32)) | earlier.astype(np.uint64)
    unique, inverse = np.unique(joint, return_inverse=True)
    weights = np.ones(len(joint), dtype=np.int64) if counts is None else counts
    total = np.zeros(len(unique), dtype=np.int64)
    np.add.at(total, inverse, weights)
    mask = np.uint64(0xFFFFFFFF)
    return (unique >> np.uint64(32)).astype(np.int64), (unique & mask).astype(np.int64), total


def select(
    later: I64, earlier: I64, by_bands: I64, by_anchors: I64, asked: I64, options: Options
) -> tuple[I64, I64]:
    """Return the pairs worth reading, sorted: enough evidence, and at most `partners` per later text.

    Each pair stands once; `by_bands` and `by_anchors` count the keys that it shares, `asked` the anchors
    that the later text asks for. """
    answered = by_anchors >= np.maximum(1, np.ceil(options.probe_share * asked)).astype(np.int64)
    enough = (by_bands > 0) | answered
    later, earlier = later[enough], earlier[enough]
    # Anchors tell more than bands: a shared one is a shared passage.
    weight = 2 * by_anchors[enough] + by_bands[enough]
    order = np.lexsort((earlier, -weight, later))
    later, earlier = later[order], earlier[order]
    place = np.arange(len(later)) - np.searchsorted(later, later, side="left")
    later, earlier = later[place < options.partners], earlier[place < options.partners]
    order = np.lexsort((earlier, later))
    return later[order], earlier[order]
