"""Columns on cohesion and repetition: which of a line's words stand elsewhere in its document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.batch import LONG, Batch, segment_means
from corpuskit.words import Places, mix, pieces, place_type, spread

__all__ = ["columns"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
BOOL = NDArray[np.bool_]


_LEAST_WEIGHT = 127.5  # half a word of full weight
_STEPS = 1 << 20
_FAR = 1_000_000  # lines
_MANY = 1 << 19  # words for which numbers are made at a time


def _groups(keys: U64) -> tuple[Places, Places]:
    """Return a stable order that brings equal keys together, and the number of the group of each sorted entry."""
    count = len(keys)
    place = place_type(count)
    if not count:
        return np.zeros(0, dtype=place), np.zeros(0, dtype=place)
    # Sorting numbers that carry their place in their low bits is several times as fast as a stable argsort. Where
    # two keys differ in their low bits alone, which is hardly ever, the slow way is taken.
    low = np.uint64((1 << count.bit_length()) - 1)
    packed = keys & ~low
    packed |= np.arange(count, dtype=np.uint64)
    packed.sort()
    order = (packed & low).astype(place)
    packed &= ~low
    same = packed[1:] == packed[:-1]
    del packed
    new = _changes(keys[order])
    if (new[1:] & same).any():
        order = np.argsort(keys, kind="stable").astype(place)
        new = _changes(keys[order])
    return order, _numbered(new)


def _changes(*columns: NDArray[Any]) -> BOOL:
    """For each row whether it differs from the one before it."""
    new = np.zeros(len(columns[0]), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def _numbered(new: BOOL) -> Places:
    """The number of the stretch that each row lies in; `new` says where one begins."""
    number: Places = np.cumsum(new, dtype=place_type(len(new)))
    number -= 1
    return number


def _others(group: Places, line: Places) -> tuple[Places, Places]:
    """For entries sorted by group, then line: the nearest other line of the group before and after (-1: none)."""
    if not len(group):
        return line, line
    new = _changes(group, line)
    run = _numbered(new)
    run_line, run_group = line[new], group[new]
    same = run_group[1:] == run_group[:-1]
    del run_group
    found: list[Places] = []
    for here, there in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        other = np.full(len(run_line), -1, dtype=line.dtype)
        np.copyto(other[here], run_line[there], where=same)
        found.append(other[run])
    return found[0], found[1]


def _in_two_lines(group: Places, line: Places) -> BOOL:
    """For entries sorted by group, then line: whether another line holds one of the group."""
    new = _changes(group)
    first, last = line[new], line[np.append(new[1:], True)[: len(new)]]
    tied: BOOL = (first != last)[group]
    return tied


def _met_again(keys: U64) -> BOOL:
    """Whether the same key may stand elsewhere, too: False for most that stand nowhere else, and for no other."""
    bits = min(20, len(keys).bit_length() + 2)
    slots = keys >> np.uint64(64 - bits)
    last = np.zeros(1 << bits, dtype=np.int32)
    own = np.arange(len(keys), dtype=np.int32)
    last[slots] = own
    twice = np.zeros(1 << bits, dtype=bool)
    twice[slots[last[slots] != own]] = True
    met: BOOL = twice[slots]
    return met


def columns(lines: Batch, rarity: U8) -> dict[str, F32]:
    """Return the columns on cohesion and repetition: which of a line's words stand elsewhere in its document.

    `rarity` gives a weight 0..255 per bucket of word hashes (its length is a power of two): 0 for the words of
    every text, 255 for words hardly ever seen. A line that shares no rare word with the text around it is
    likely to come from elsewhere.
    """
    return {**_ties(lines, rarity), **_repeats(lines)}


def _in_document(hashes: U64, lines: Batch, line: Places) -> U64:
    """Hashes of what stands in each line of `line`, no two of different documents the same."""
    # A word of one letter hashes to the mix of a small number, too: without `spread`, "x" in document 98 and "a" in 121 met.
    document = spread(mix(np.arange(1, len(lines.docs) and int(lines.docs[-1]) + 2, dtype=np.uint64)))
    own = document[lines.docs][line]
    own += hashes
    return mix(own, in_place=True)


def _ties(lines: Batch, rarity: U8) -> dict[str, F32]:
    """Columns on cohesion. Arrays of all words go as soon as they are not of use any more: a text may be long."""
    count = len(lines.rows)
    words = lines.words
    out: dict[str, F32] = {}
    shift = np.uint64(64 - len(rarity).bit_length() + 1)
    weight = rarity[words.hashes >> shift]  # 0 to 255, as all that is summed
    heavy = weight > 0  # four words in ten weigh nothing
    weight, line = weight[heavy], lines.word_line[heavy]
    order, group = _groups(_in_document(words.hashes[heavy], lines, line))
    del heavy
    weight, line = weight[order], line[order]
    del order

    def summed(of: Callable[[slice], NDArray[Any]]) -> F64:
        """Add up, line by line, the weights of the words times what `of` says of those of a stretch."""
        if len(line) <= _MANY:
            return np.bincount(line, weights=weight / 255 * of(slice(None)), minlength=count).astype(np.float64)
        total = np.zeros(count)
        for some in pieces(len(line)):  # added one after the other, too, as the last bits want it
            np.add.at(total, line[some], weight[some] / 255 * of(some))
        return total

    mass = np.maximum(summed(lambda _: np.ones(1)), 0.2)
    whole = _weighed(line, weight, count)
    tied = _in_two_lines(group, line)  # the others add nothing from here on
    line, weight = line[tied], weight[tied]
    group = _numbered(_changes(group[tied]))
    before, after = _others(group, line)
    out["rarity"] = (mass / np.maximum(lines.word_to - lines.word_from, 1)).astype(np.float32)

    def share(mask: BOOL) -> F32:
        return (summed(lambda some: mask[some]) / mass).astype(np.float32)

    near = np.minimum(np.where(before >= 0, line - before, _FAR), np.where(after >= 0, after - line, _FAR))
    out["ties before"] = share(before >= 0)
    out["ties after"] = share(after >= 0)
    del before, after
    for reach in (1, 2, 4, 10):
        out[f"ties within {reach}"] = share(near <= reach)
    out["ties anywhere"] = share(near < _FAR)
    del near
    long = lines.size >= LONG
    groups = int(group[-1]) + 1 if len(group) else 0
    fresh = _changes(group, line)
    in_long = np.bincount(group[long[line] & fresh], minlength=groups)
    elsewhere = in_long[group].astype(line.dtype)
    del in_long
    elsewhere -= long[line]
    out["ties to paragraphs"] = share(elsewhere >= 1)
    out["ties to two paragraphs"] = share(elsewhere >= 2)
    topic = summed(lambda some: elsewhere[some] / (elsewhere[some] + 2))
    out["topic weight"] = (topic / mass).astype(np.float32)
    head = line - lines.first[line] < 2
    in_head = np.bincount(group[head & fresh], minlength=groups)
    out["ties to head"] = share(in_head[group] - head > 0)
    to_paragraphs = out["ties to paragraphs"]
    for reach in (3, 8):
        here = np.arange(count, dtype=np.int64)
        out[f"ties to paragraphs {reach} before"] = segment_means(to_paragraphs, lines, here - reach, here, -1)
        out[f"ties to paragraphs {reach} after"] = segment_means(to_paragraphs, lines, here + 1, here + 1 + reach, -1)
    del fresh, head, in_head
    out.update(_breaks(lines, group, line, weight, whole))
    return out


def _breaks(lines: Batch, group: Places, line: Places, weight: U8, mass: F64) -> dict[str, F32]:
    """Columns on where the text turns to something else: a second article, a list of links, the small print.

    For each line: which share of the (rare) words from there to the end, or over the next lines, stood above it. In
    an essay the share grows with the text; where another text begins it falls.

    `mass` is the weight of each line's words, `group`, `line` and `weight` are of those that stand in several lines. Weights
    are whole numbers: sums over the batch must be exact, or a document would depend on those before it.
    """
    count = len(lines.rows)
    first = line[_changes(group)][group]  # where each word stands first
    total = np.append(0.0, np.cumsum(mass))
    here = np.arange(count, dtype=np.int64)
    end = lines.last + 1
    out: dict[str, F32] = {}
    again = first < line
    first, line, weight = first[again], line[again], weight[again]
    del again
    left = _weighed(line, weight, count, 1)

    def tied(reach: int) -> NDArray[np.float64]:
        """Weight of the words of the lines `[k, k + reach)` that stand above line k, for every k."""
        step = _weighed(np.maximum(first, line - reach), weight, count, 1) - left
        return np.cumsum(step, dtype=np.float64)[:count]

    rest = np.maximum(total[end] - total[here], _LEAST_WEIGHT)
    tail = np.clip(tied(_FAR) / rest, 0, 1)
    out["ties of the rest"] = tail.astype(np.float32)
    for reach in (4, 10):
        block = np.maximum(total[np.minimum(here + reach, end)] - total[here], _LEAST_WEIGHT)
        out[f"ties of the next {reach}"] = np.clip(tied(reach) / block, 0, 1).astype(np.float32)
    # The sharpest turn above a line, and how far up it is. The first third of a text has nothing to be tied to.
    words = np.append(0.0, np.cumsum(lines.size, dtype=np.float64))
    whole = words[end] - words[lines.first]
    early = words[here] - words[lines.first] < whole / 3
    value = np.where(early, 1.0, np.round(tail * _STEPS) / _STEPS)
    falling = value - 2.0 * lines.docs  # each document begins below the one before it; exact, as value has few bits
    at = np.maximum.accumulate(np.where(falling <= np.minimum.accumulate(falling), here, 0))
    out["sharpest turn above"] = value[at].astype(np.float32)
    out["lines since the turn"] = np.minimum(here - at, 60).astype(np.float32)
    out["share of words before the turn"] = ((words[at] - words[lines.first]) / whole).astype(np.float32)
    return out


def _weighed(line: Places, weight: U8, count: int, shift: int = 0) -> F64:
    """Add up whole weights for each line, or the one `shift` further down; in any order that gives the same."""
    total = np.zeros(count + shift)
    for begin in range(0, len(line), _MANY):
        some = slice(begin, begin + _MANY)
        total[shift:] += np.bincount(line[some], weights=weight[some], minlength=count)
    return total


def _repeats(lines: Batch) -> dict[str, F32]:
    """Columns on repetition: whole lines seen elsewhere, and stretches of words that stand in other lines."""
    count = len(lines.rows)
    words = lines.words
    out: dict[str, F32] = {}
    terms = np.arange(len(words.hashes), dtype=np.uint64)
    terms -= np.repeat(lines.word_from.astype(np.uint64), lines.word_to - lines.word_from)
    terms *= np.uint64(0x9E3779B97F4A7C15)
    terms += words.hashes
    terms = mix(terms, in_place=True)
    whole = np.add.reduceat(terms, lines.word_from) if count else np.zeros(0, dtype=np.uint64)
    del terms
    whole = mix(whole + mix(lines.docs.astype(np.uint64) + np.uint64(1)))
    order, group = _groups(whole)
    before, after = _others(group, order)
    seen = np.empty(count, dtype=np.float32)
    seen[order] = before >= 0
    later = np.empty(count, dtype=np.float32)
    later[order] = after >= 0
    times = np.empty(count, dtype=np.float32)
    times[order] = np.minimum(np.bincount(group)[group], 10) if count else 0
    out["seen above"], out["seen below"], out["times seen"] = seen, later, times

    span = 3
    runs = max(len(words.hashes) - span + 1, 0)
    grams = words.hashes[:runs].copy()
    for step in range(1, span):
        grams *= np.uint64(3)
        grams += words.hashes[step : runs + step]
    inside = lines.word_line[:runs] == lines.word_line[len(words.hashes) - runs :]
    line = lines.word_line[:runs][inside]
    grams = grams[inside]
    del inside
    grams = _in_document(grams, lines, line)
    met = _met_again(grams)  # one stretch in ten
    line, grams = line[met], grams[met]
    del met
    order, group = _groups(grams)
    del grams
    line = line[order]
    del order
    before, after = _others(group, line)
    del group
    total: I64 = np.maximum(lines.word_to - lines.word_from - span + 1, 1)

    def share(mask: BOOL) -> F32:
        return (np.bincount(line[mask], minlength=count) / total).astype(np.float32)

    size = lines.size
    out["stretches seen above"] = share(before >= 0)
    out["stretches seen below"] = share(after >= 0)
    longer_before = (before >= 0) & (size[before] > size[line])
    longer_after = (after >= 0) & (size[after] > size[line])
    out["stretches in longer line"] = share(longer_before | longer_after)
    out["stretches in near longer line"] = share(
        (longer_before & (line - before <= 4)) | (longer_after & (after - line <= 4))
    )
    head = np.where(before >= 0, before, line)
    out["stretches in head"] = share((before >= 0) & (head - lines.first[line] < 3))
    return out
