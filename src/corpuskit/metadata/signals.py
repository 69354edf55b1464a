"""Quality signals of clean texts: the counts that people filter corpora by, by their published definitions.

Gopher: Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", A1.1
(quality) and table A1 (repetition). FineWeb: Penedo et al. 2024, "The FineWeb Datasets", 3.6. A filter's
verdict is the tuple of the conditions that a text fails, empty when it passes; nothing is dropped here.

Words are those of `corpuskit.words.scan`, so that one pass over a batch gives all counts; Gopher counts what
stands between white space, which differs by a few per cent where words hold apostrophes or hyphens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.lexicon import LANGUAGES, lexicon
from corpuskit.metadata.record import Signals
from corpuskit.metadata.repetition import TOP, gram_shares
from corpuskit.words import Places, Words, characters, looked_up, scan

__all__ = ["GOPHER_STOP_WORDS", "signals"]

F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]

#: At least two of these must stand in an English text (Gopher, A1.1).
GOPHER_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")

#: A sentence ends with one or more of `_STOPS`, and of `_CLOSERS` behind them, before white space; with one or more of
#: `_WIDE`; or with one of `_DANDAS`.
_STOPS, _CLOSERS, _WIDE, _DANDAS = ".!?…", "\"'”’»)]", "。！？", "।॥"
_STOP, _CLOSER, _FULL, _DANDA, _SPACE = 1, 2, 4, 8, 16
_SPARSE = 6  # bits that a table of stop words has more than their number: most bits of a hash tell all of them apart then
#: Terminal punctuation (FineWeb).
_TERMINAL = frozenset(".!?\"'”’。！？…»।」』")
_BULLETS = frozenset("-•*●▪‣·–")
_SHORT = 30  # characters of a short line (FineWeb)
_FIELDS = tuple(one.name for one in fields(Signals))


def signals(texts: Sequence[str], languages: Sequence[str | None]) -> list[Signals]:
    """Return the signals of each of `texts`, whose languages decide on the list of stop words."""
    if not texts:
        return []
    batch = scan(texts)
    count = len(texts)
    words = np.bincount(batch.docs, minlength=count)
    letters = _sums(batch.docs, batch.ends - batch.starts, count)
    grams = gram_shares(batch, letters)
    rows = [_of_lines(text) for text in texts]
    lines, paragraphs, in_lines, symbols, bullets, ellipses, terminals, short, breaks, again, paragraphs_again = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    sizes = np.maximum(lines, 1)
    counts = {
        "characters": np.array([len(text) for text in texts]),
        "words": words,
        "sentences": np.where(words > 0, np.maximum(_sentences(batch, count), 1), 0),
        "lines": lines,
        "paragraphs": paragraphs,
        "stop_words": _needed(batch, count),
    }
    shares = {
        "mean_word_length": _shares(letters, words),
        "mean_line_length": _shares(in_lines, lines),
        "stop_word_share": _shares(_stop_words(batch, languages, words), words),
        "symbol_ratio": _shares(symbols, words),
        "alphabetic_share": _shares(_sums(batch.docs, _alphabetic(batch), count), words),
        "bullet_share": _shares(bullets, sizes),
        "ellipsis_share": _shares(ellipses, sizes),
        "terminal_share": _shares(terminals, sizes),
        "short_line_share": _shares(short, sizes),
        "duplicate_line_share": again[:, 0],
        "duplicate_line_characters": again[:, 1],
        "duplicate_paragraph_share": paragraphs_again[:, 0],
        "duplicate_paragraph_characters": paragraphs_again[:, 1],
        "newline_share": _shares(breaks, words),
        **{f"{'top' if size in TOP else 'duplicate'}_{size}gram_share": _rounded(part) for size, part in grams.items()},
    }
    found: dict[str, NDArray[Any]] = {**counts, **shares}
    verdicts = _verdicts(found, np.array([language == "en" for language in languages]))
    columns = [found[name].tolist() if name in found else verdicts[name] for name in _FIELDS]
    return list(map(Signals, *columns))


def _sums(docs: Places, values: Places | NDArray[np.bool_], count: int) -> F64:
    return np.bincount(docs, weights=values.astype(np.float64), minlength=count).astype(np.float64)


def _alphabetic(batch: Words) -> NDArray[np.bool_]:
    """Which words hold a letter: those that are not digits alone."""
    digits = batch.points - np.uint32(48) < 10
    found = ~digits[batch.starts]
    doubtful = np.flatnonzero(~found)
    if len(doubtful):
        starts, ends = batch.starts[doubtful], batch.ends[doubtful]
        bounds = np.stack([starts, ends], axis=1).reshape(-1)  # the last character of a batch belongs to no word
        found[doubtful] = np.add.reduceat(digits, bounds, dtype=np.int64)[::2] < ends - starts
    return found


@cache
def _kinds() -> NDArray[np.uint8]:
    """Of each character of the first plane, whether it ends a sentence, stands behind such an end, or is white space."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for kind, chars in ((_STOP, _STOPS), (_CLOSER, _CLOSERS), (_FULL, _WIDE), (_DANDA, _DANDAS)):
        table[[ord(char) for char in chars]] = kind
    table[[match.start() for match in re.finditer(r"\s", characters()[: len(table)])]] = _SPACE
    return table


def _sentences(batch: Words, count: int) -> NDArray[np.int64]:
    """How many ends of sentences each text holds."""
    kinds = looked_up(_kinds(), batch.points)
    stops = np.flatnonzero(kinds == _STOP)
    ends = stops[kinds[stops + 1] != _STOP]  # the break behind the last text ends what is open
    closers = np.flatnonzero(kinds == _CLOSER)
    after = ends + 1
    closed = kinds[after] == _CLOSER
    if closed.any():
        runs = closers[np.append(np.diff(closers) != 1, True)]  # where runs of closers end
        after[closed] = runs[np.searchsorted(runs, after[closed])] + 1
    ends = ends[kinds[after] == _SPACE]
    wide = np.flatnonzero(kinds == _FULL)
    wide = wide[kinds[wide + 1] != _FULL]
    every = np.concatenate([ends, wide, np.flatnonzero(kinds == _DANDA)])
    return np.bincount(np.searchsorted(batch.doc_starts, every, side="right") - 1, minlength=count)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Hashes of some words, each in a place that some bits of it name."""

    slots: U64
    shift: int

    def holds(self, hashes: U64) -> NDArray[np.bool_]:
        """Return which of `hashes` are those of the words."""
        found: NDArray[np.bool_] = self.slots[_places(hashes, self.shift, len(self.slots))] == hashes
        return found


def _places(hashes: U64, shift: int, size: int) -> NDArray[np.int64]:
    return ((hashes >> np.uint64(shift)) & np.uint64(size - 1)).astype(np.int64)


@cache
def _table(words: tuple[str, ...]) -> _Table:
    """A small table in which no two of `words` share a place, for some bits of their hashes."""
    hashes = np.unique(scan(words).hashes)
    tried = ((1 << bits, shift) for bits in range(len(hashes).bit_length() + _SPARSE, 64) for shift in range(64 - bits))
    size, shift = next(
        (size, shift) for size, shift in tried if len(np.unique(_places(hashes, shift, size))) == len(hashes)
    )
    slots = np.full(size, hashes[0])  # which stands in no place but its own
    slots[_places(hashes, shift, size)] = hashes
    return _Table(slots, shift)


def _stop_words(batch: Words, languages: Sequence[str | None], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many stop words of its language each text holds."""
    found = np.zeros(len(words), dtype=np.int64)
    ends = np.cumsum(words)
    for language in LANGUAGES:
        docs = [at for at, one in enumerate(languages) if one == language]
        if not docs:
            continue
        said = np.concatenate([batch.hashes[ends[at] - words[at] : ends[at]] for at in docs])
        hits = _table(tuple(sorted(lexicon(language).stop))).holds(said)
        found[docs] = np.bincount(np.repeat(docs, words[docs]), weights=hits, minlength=len(words))[docs]
    return found


def _needed(batch: Words, count: int) -> NDArray[np.int64]:
    """How many different ones of Gopher's stop words each text holds."""
    found = np.zeros(count, dtype=np.int64)
    for value in scan(GOPHER_STOP_WORDS).hashes:
        found += np.bincount(batch.docs[batch.hashes == value], minlength=count) > 0
    return found


def _of_lines(text: str) -> tuple[Any, ...]:
    """What is counted of the lines and paragraphs of a text, in the order in which `signals` names it."""
    rows = [row for row in map(str.strip, text.split("\n")) if row]
    paragraphs = [part for part in map(str.strip, text.split("\n\n")) if part]
    dots = text.count("…")
    ellipses = text.count("...") + dots
    sizes = list(map(len, rows))
    return (
        len(rows),
        len(paragraphs),
        sum(sizes),
        max(text.count("#"), ellipses),  # "for either the hash symbol or the ellipsis"
        sum(map(_BULLETS.__contains__, [row[0] for row in rows])),
        sum(row[-1] == "…" or row.endswith("...") for row in rows) if ellipses else 0,
        sum(map(_TERMINAL.__contains__, [row[-1] for row in rows])),
        sum(map(_SHORT.__gt__, sizes)),
        text.count("\n"),
        _repeated(rows),
        _repeated(paragraphs),
    )


def _shares(parts: NDArray[Any], wholes: NDArray[Any]) -> F64:
    """Each part of its whole to four decimals; of nothing 0."""
    return _rounded(np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes > 0))


def _rounded(values: F64) -> F64:
    """What `round` makes of each number to four decimals, in a tenth of the time.

    A whole number divided by 10,000 is the nearest to what is written so; which number that is, is left to `round` where
    a product that was rounded itself might tell wrongly.
    """
    scaled = values * 1e4
    whole = np.rint(scaled)
    found: F64 = whole / 1e4
    for at in np.flatnonzero((np.abs(np.abs(scaled - whole) - 0.5) < 1e-6) | (scaled > 1e9)).tolist():
        found[at] = round(float(values[at]), 4)
    return found


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _repeated(rows: list[str]) -> tuple[float, float]:
    """Part of the lines that stood before, and of the characters in them."""
    if len(set(rows)) == len(rows):
        return 0.0, 0.0
    seen: set[str] = set()
    again = characters = 0
    for row in rows:
        if row in seen:
            again += 1
            characters += len(row)
        seen.add(row)
    return _share(again, len(rows)), _share(characters, sum(map(len, rows)))


def _verdicts(found: Mapping[str, NDArray[Any]], english: NDArray[np.bool_]) -> dict[str, list[tuple[str, ...]]]:
    """Return the verdicts on what was counted of each text: the conditions that fail."""
    quality = {
        "words": (found["words"] >= 50) & (found["words"] <= 100_000),
        "mean_word_length": (found["mean_word_length"] >= 3) & (found["mean_word_length"] <= 10),
        "symbol_ratio": found["symbol_ratio"] <= 0.1,
        "bullet_share": found["bullet_share"] <= 0.9,
        "ellipsis_share": found["ellipsis_share"] <= 0.3,
        "alphabetic_share": found["alphabetic_share"] >= 0.8,
        "stop_words": (found["stop_words"] >= 2) | ~english,
    }
    most = {
        "duplicate_line_share": 0.3,
        "duplicate_paragraph_share": 0.3,
        "duplicate_line_characters": 0.2,
        "duplicate_paragraph_characters": 0.2,
        "top_2gram_share": 0.20,
        "top_3gram_share": 0.18,
        "top_4gram_share": 0.16,
        "duplicate_5gram_share": 0.15,
        "duplicate_6gram_share": 0.14,
        "duplicate_7gram_share": 0.13,
        "duplicate_8gram_share": 0.12,
        "duplicate_9gram_share": 0.11,
        "duplicate_10gram_share": 0.10,
    }
    fineweb = {
        "terminal_share": found["terminal_share"] > 0.12,
        "duplicate_line_characters": found["duplicate_line_characters"] < 0.1,
        "short_line_share": found["short_line_share"] < 0.67,
    }
    return {
        "gopher_quality": _failed(quality),
        "gopher_repetition": _failed({name: found[name] <= limit for name, limit in most.items()}),
        "fineweb_quality": _failed(fineweb),
    }


def _failed(conditions: Mapping[str, NDArray[np.bool_]]) -> list[tuple[str, ...]]:
    """The names of the conditions that each text does not meet."""
    failed = ~np.array(list(conditions.values()))
    names = list(conditions)
    told: list[tuple[str, ...]] = [()] * failed.shape[1]
    for at in np.flatnonzero(failed.any(axis=0)).tolist():
        told[at] = tuple(compress(names, failed[:, at].tolist()))
    return told
