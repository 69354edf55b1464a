"""From keys to texts that may have to do with one another: group equal keys, link the members of a group, count the
evidence. What they connect is decided together, and apart from all else; `index.py` says what is read.

Texts are known here by their *rank* in keep order (0 is kept first), so a pair is (later, earlier) and asks
one question: may the later text be contained in the earlier? No bucket costs quadratic time: in one of more
than `Options.bucket` members each is linked to the first few (the most complete ones) and under a band key
to the one before it.

Everything is a function of arrays, so a partition of the keys can be worked on alone: `propose` each
partition, `merge` what they found, `linked` are those with enough evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.options import Options
from corpuskit.duplicates.sketch import Sketches
from corpuskit.words import mix

__all__ = [
    "ANCHOR", "ASKED", "BAND", "Keys", "Pairs", "keys_of", "linked", "merge", "needed", "propose", "shared", "within",
]  # fmt: skip

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


_COLUMNS = ("later", "earlier", "bands", "anchors", "back")


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
    """Return the pairs of texts that share a key; `keys.texts` are ranks, the first `withdrawn` are
    withdrawn.

    All rows with the same key must be in one call; the result does not depend on their order.
    """
    kept = _shared(keys.keys)
    values, texts, kinds = keys.keys[kept], keys.texts[kept], keys.kinds[kept]
    band = kinds == BAND
    found = [_counted("bands", *_link(values[band], texts[band], None, options))]
    values, texts, asks = values[~band], texts[~band], kinds[~band] == ASKED
    found.append(_counted("anchors", *_link(values, texts, asks, options)))
    if withdrawn:
        # In keep order a text asks only those before it, but a withdrawn text has to ask all that follow,
        # lest it come back inside another.
        found.append(_counted("back", *_inside(values, texts, asks & (texts < withdrawn), withdrawn, options)))
    return merge(found)


def _counted(name: str, later: I64, earlier: I64, counts: I64) -> Pairs:
    none = np.zeros_like(counts)
    return Pairs(later, earlier, **{column: counts if column == name else none for column in _COLUMNS[2:]})


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


def needed(asked: I64, options: Options) -> I64:
    """Return how many of the anchors that a text asks for must be answered by one text."""
    need: I64 = np.maximum(1, np.ceil(options.probe_share * asked)).astype(np.int64)
    return need


def linked(pairs: Pairs, asked: I64, options: Options) -> tuple[I64, I64]:
    """Return the pairs (later, earlier) with enough evidence, sorted. `asked` says for each rank how many anchors it
    asks for.
    """
    need = needed(asked, options)
    enough = (pairs.bands > 0) | (pairs.anchors >= need[pairs.later])
    enough |= (pairs.back > 0) & (pairs.back >= need[pairs.earlier])
    return pairs.later[enough], pairs.earlier[enough]


def shared(keys: Keys) -> Keys:
    """Return the rows of those keys that several texts have."""
    rows = np.flatnonzero(_shared(keys.keys))
    values = keys.keys[rows]
    order = np.argsort(values, kind="stable")
    same = np.zeros(len(rows) + 1, dtype=bool)
    same[1:-1] = values[order][1:] == values[order][:-1]
    rows = np.sort(rows[order][same[1:] | same[:-1]])
    return Keys(keys.keys[rows], keys.texts[rows], keys.kinds[rows])


def within(keys: Keys, label: I64) -> Keys:
    """Return keys that are equal only within one component, `label` for each row, sorted by text and kind."""
    salt = label.astype(np.uint64) * np.uint64(2) + (keys.kinds == BAND)
    order = np.lexsort((keys.kinds, keys.texts))
    return Keys(mix(keys.keys ^ mix(salt))[order], keys.texts[order], keys.kinds[order])


def _shared(keys: U64) -> Bools:
    """Rows whose key may stand in another row too: most keys are alone, and sorting them would be the cost.

    A key is looked up in a table by its lowest bits; all keys are mixed already.
    """
    bits = min(26, max(10, len(keys).bit_length() + 1))
    slots = (keys & np.uint64((1 << bits) - 1)).astype(np.int32)
    rows = np.arange(len(slots), dtype=np.int32 if len(slots) < 1 << 31 else np.int64)
    last = np.empty(1 << bits, dtype=rows.dtype)  # row of each place of the table; a counter would take twice that
    last[slots] = rows
    several = np.zeros(1 << bits, dtype=bool)
    several[slots[last[slots] != rows]] = True
    shared: Bools = several[slots]
    return shared


def _link(keys: U64, ranks: I64, asks: Bools | None, options: Options) -> tuple[I64, I64, I64]:
    """Return the pairs (later, earlier) that share a key, as far as their bucket links them, and how many
    they share.

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
    tally = _Tally()
    near = np.flatnonzero(asked & (place > 0))
    for distance in range(1, options.bucket):
        # In a crowd the one before is a chance where the first ones are strangers. Under anchors, of which
        # a text has many, it would be another one each time: the crowd's pairs would outgrow memory.
        near = near[(place[near] >= distance) & (~giant[near] | (distance == 1 and asks is None))]
        if not len(near):
            break
        tally.add(ranks[near], ranks[near - distance])
    crowd = np.flatnonzero(asked & giant)
    for head in range(options.heads):
        far = crowd[place[crowd] > head + 1]
        tally.add(ranks[far], ranks[begin[far] + head])
    return tally.total()


def _inside(keys: U64, ranks: I64, asks: Bools, withdrawn: int, options: Options) -> tuple[I64, I64, I64]:
    """Return the pairs of a published text and a withdrawn one that asks for a key of it, and for how many. However
    many have the key, all of them are told: of withdrawn texts that ask for one key of a crowd the first few ask.
    """
    order = np.lexsort((ranks, keys))
    keys, ranks, asks = keys[order], ranks[order], asks[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = keys[1:] != keys[:-1]
    bucket = np.cumsum(fresh) - 1
    sizes = np.bincount(bucket) if len(bucket) else bucket
    rows = np.flatnonzero(asks)
    place = np.arange(len(rows)) - np.searchsorted(bucket[rows], bucket[rows], side="left")
    few = (place < options.heads) | (sizes[bucket[rows]] <= options.bucket)
    rows, place = rows[few], place[few]
    published = np.flatnonzero(ranks >= withdrawn)
    tally = _Tally()
    for number in range(int(place.max(initial=-1)) + 1):
        asking = np.full(len(sizes), -1, dtype=np.int64)
        asking[bucket[rows[place == number]]] = ranks[rows[place == number]]
        other = asking[bucket[published]]
        tally.add(ranks[published[other >= 0]], other[other >= 0])
    return tally.total()


class _Tally:
    """Counts pairs that arrive in parts, adding up before they pile up: a crowd meets under many keys."""

    def __init__(self) -> None:
        self._pairs = [np.zeros(0, dtype=np.uint64)]
        self._counts = [np.zeros(0, dtype=np.int64)]
        self._loose = 0

    def add(self, later: I64, earlier: I64) -> None:
        """Count each of these pairs once more; a text is no partner of itself."""
        distinct = later != earlier
        pairs = (later[distinct] << 32) | earlier[distinct]
        self._pairs.append(pairs.astype(np.uint64))
        self._counts.append(np.ones(len(pairs), dtype=np.int64))
        self._loose += len(pairs)
        if self._loose > 1 << 22:
            self._add_up()

    def _add_up(self) -> None:
        pairs, counts = np.concatenate(self._pairs), np.concatenate(self._counts)
        order = np.argsort(pairs, kind="stable")
        pairs, counts = pairs[order], counts[order]
        fresh = np.ones(len(pairs), dtype=bool)
        fresh[1:] = pairs[1:] != pairs[:-1]
        first = np.flatnonzero(fresh)
        self._pairs = [pairs[first]]
        self._counts = [np.add.reduceat(counts, first) if len(first) else counts]
        self._loose = 0

    def total(self) -> tuple[I64, I64, I64]:
        """Return later, earlier and count of each pair, sorted."""
        self._add_up()
        (pairs,), (counts,) = self._pairs, self._counts
        later, earlier = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
        return later.astype(np.int64), earlier.astype(np.int64), counts
