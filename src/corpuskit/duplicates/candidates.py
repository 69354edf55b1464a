"""From keys to proposed pairs: group equal keys, link the members of a group, count the evidence.

Texts are known here by their *rank* in keep order (0 is kept first), so a pair is (later, earlier) and asks
one question: is the later text contained in the earlier? No bucket costs quadratic time: in one of more
than `Options.bucket` members each is linked to the first few (the most complete ones) and to its nearest
predecessors.

Everything is a function of arrays, so a partition of the keys can be worked on alone: `propose` each
partition, `merge` what they found, `select` what is worth reading. """

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.options import Options
from corpuskit.duplicates.sketch import Sketches

__all__ = ["ANCHOR", "ASKED", "BAND", "Keys", "Pairs", "keys_of", "merge", "propose", "select"]

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

BAND, ANCHOR, ASKED = 0, 1, 2  # kinds of keys; ASKED is an anchor that its text asks the others for


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """Keys of texts, one row each."""

    keys: U64
    texts: I64   #: index, or rank, of the text
    kinds: U8    #: BAND, ANCHOR or ASKED


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Proposed pairs of ranks, each once, sorted, with the number of keys they share."""

    later: I64
    earlier: I64
    bands: I64
    anchors: I64   #: of those that the later text asks for
    back: I64      #: of those that the earlier text asks for; counted for withdrawn texts only


def keys_of(sketches: Sketches) -> Keys:
    """Return all keys of a batch of sketches; the texts are the rows of the batch."""
    rows = np.flatnonzero(sketches.banded)
    bands = sketches.bands[rows]
    kinds = np.concatenate([np.full(bands.size, BAND), np.where(sketches.probes, ASKED, ANCHOR)])
    return Keys(
        np.concatenate([bands.ravel(), sketches.anchors]),
        np.concatenate([np.repeat(rows, bands.shape[1]), sketches.anchor_texts]),
        kinds.astype(np.uint8),
    )


def propose(keys: Keys, withdrawn: int, options: Options) -> Pairs:
    """Return the pairs of texts that share a key; `keys.texts` are ranks, the first `withdrawn` ones
    withdrawn.

    All rows with the same key must be in one call; the result does not depend on their order.
    """
    kept = _shared(keys.keys)
    values, texts, kinds = keys.keys[kept], keys.texts[kept], keys.kinds[kept]
    band = kinds == BAND
    parts = [(*_link(values[band], texts[band], None, options), 0)]
    values, texts, asks = values[~band], texts[~band], kinds[~band] == ASKED
    parts.append((*_link(values, texts, asks, options), 1))
    if withdrawn and len(texts):
        # In keep order a text asks only those before it, but a withdrawn text has to ask all that follow,
        # lest it come back inside another: the same once more in reverse order.
        last = int(texts.max())
        first, second = _link(values, last - texts, asks & (texts < withdrawn), options)
        published = last - second >= withdrawn
        parts.append((last - second[published], last - first[published], 2))
    found = []
    for later, earlier, kind in parts:
        zeros, ones = np.zeros(len(later), dtype=np.int64), np.ones(len(later), dtype=np.int64)
        counts = [ones if kind == at else zeros for at in range(3)]
        found.append(Pairs(later, earlier, *counts))
    return merge(found)


def merge(parts: Sequence[Pairs]) -> Pairs:
    """Return each pair once, its counts added up, sorted by (later, earlier)."""
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS]
    joint = (columns[0].astype(np.uint64) << np.uint64(32)) | columns[1].astype(np.uint64)
    order = np.argsort(joint, kind="stable")
    joint = joint[order]
    fresh = np.ones(len(joint), dtype=bool)
    fresh[1:] = joint[1:] != joint[:-1]
    first = np.flatnonzero(fresh)
    sums = [np.add.reduceat(column[order], first) if len(first) else column for column in columns[2:]]
    return Pairs(columns[0][order][first], columns[1][order][first], *sums)


_COLUMNS = ("later", "earlier", "bands", "anchors", "back")


def select(pairs: Pairs, asked: I64, options: Options) -> tuple[I64, I64]:
    """Return the pairs (later, earlier) worth reading, sorted: enough evidence, and at most `partners` per
    later text besides withdrawn ones. `asked` says for each rank how many anchors it asks for. """
    need = np.maximum(1, np.ceil(options.probe_share * asked)).astype(np.int64)
    inside = pairs.back >= need[pairs.earlier]
    inside &= pairs.back > 0
    enough = (pairs.bands > 0) | (pairs.anchors >= need[pairs.later]) | inside
    later, earlier, inside = pairs.later[enough], pairs.earlier[enough], inside[enough]
    # Anchors tell more than bands: a shared one is a shared passage.
    weight = 2 * pairs.anchors[enough] + pairs.bands[enough]
    order = np.lexsort((earlier, -weight, ~inside, later))
    later, earlier, inside = later[order], earlier[order], inside[order]
    place = np.arange(len(later)) - np.searchsorted(later, later, side="left")
    chosen = inside | (place < options.partners)
    later, earlier = later[chosen], earlier[chosen]
    order = np.lexsort((earlier, later))
    return later[order], earlier[order]


def _shared(keys: U64) -> Bools:
    """Rows whose key may stand in another row too: most keys are alone, and sorting them would be the cost.

    A key is looked up in a table of counters by its lowest bits; all keys are mixed already.
    """
    bits = min(26, max(10, len(keys).bit_length() + 1))
    slots = (keys & np.uint64((1 << bits) - 1)).astype(np.int64)
    counts = np.bincount(slots, minlength=1 << bits)
    shared: Bools = counts[slots] > 1
    return shared


def _link(keys: U64, ranks: I64, asks: Bools | None, options: Options) -> tuple[I64, I64]:
    """Return a row (later, earlier) for each key that two texts share, as far as their bucket links them.

    With `asks`, only where the later text asks for the key.
    """
    order = np.lexsort((ranks, keys))
    keys, ranks = keys[order], ranks[order]
    asked = np.ones(len(keys), dtype=bool) if asks is None else asks[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(fresh)
    sizes = np.diff(np.append(first, len(keys)))
    begin = np.repeat(first, sizes)
    giant = np.repeat(sizes, sizes) > options.bucket
    place = np.arange(len(keys)) - begin
    members: list[I64] = []
    partners: list[I64] = []
    near = np.flatnonzero(asked & (place > 0))
    for distance in range(1, options.bucket):
        near = near[(place[near] >= distance) & (~giant[near] | (distance <= options.heads))]
        if not len(near):
            break
        members.append(near)
        partners.append(near - distance)
    crowd = np.flatnonzero(asked & giant)
    for head in range(options.heads):
        far = crowd[place[crowd] > head + options.heads]
        members.append(far)
        partners.append(begin[far] + head)
    later = ranks[np.concatenate([np.zeros(0, dtype=np.int64), *members])]
    earlier = ranks[np.concatenate([np.zeros(0, dtype=np.int64), *partners])]
    distinct = later != earlier
    return later[distinct], earlier[distinct]
