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
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.lexicon import LANGUAGES, lexicon
from corpuskit.metadata.record import Signals
from corpuskit.metadata.repetition import TOP, gram_shares
from corpuskit.words import Places, Words, characters, looked_up, scan

__all__ = ["GOPHER_STOP_WORDS", "signals"]

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


def signals(texts: Sequence[str], languages: Sequence[str | None]) -> list[Signals]:
    """Return the signals of each of `texts`, whose languages decide on the list of stop words."""
    if not texts:
        return []
    batch = scan(texts)
    count = len(texts)
    words = np.bincount(batch.docs, minlength=count)
    lengths = _sums(batch.docs, batch.ends - batch.starts, count)
    counted = zip(
        words.tolist(),
        lengths.tolist(),
        _sums(batch.docs, _alphabetic(batch), count).tolist(),
        _sentences(batch, count).tolist(),
        _stop_words(batch, languages, words).tolist(),
        _needed(batch, count).tolist(),
        strict=True,
    )
    grams = gram_shares(batch, lengths)
    names = [f"{'top' if size in TOP else 'duplicate'}_{size}gram_share" for size in grams]
    shares = zip(*(part.tolist() for part in grams.values()), strict=True)
    return [
        _one(text, language, counts, dict(zip(names, own, strict=True)))
        for text, language, counts, own in zip(texts, languages, counted, shares, strict=True)
    ]


def _sums(docs: Places, values: Places | NDArray[np.bool_], count: int) -> NDArray[np.float64]:
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


def _one(
    text: str,
    language: str | None,
    counts: tuple[int, float, float, int, int, int],
    grams: Mapping[str, float],
) -> Signals:
    words, letters, alphabetic, sentences, stops, needed = counts
    rows = [row for row in map(str.strip, text.split("\n")) if row]
    paragraphs = [part for part in map(str.strip, text.split("\n\n")) if part]
    size = max(len(rows), 1)
    symbols = max(text.count("#"), text.count("...") + text.count("…"))  # "for either the hash symbol or the ellipsis"
    line_share, line_characters = _repeated(rows)
    paragraph_share, paragraph_characters = _repeated(paragraphs)
    sizes = list(map(len, rows))
    lasts = [row[-1] for row in rows]
    dots = [row[-1] == "…" or row.endswith("...") for row in rows] if "…" in text or "..." in text else ()
    counted: dict[str, Any] = dict(
        characters=len(text),
        words=words,
        sentences=max(sentences, 1) if words else 0,
        lines=len(rows),
        paragraphs=len(paragraphs),
        mean_word_length=_share(letters, words),
        mean_line_length=_share(sum(sizes), len(rows)),
        stop_words=needed,
        stop_word_share=_share(stops, words),
        symbol_ratio=_share(symbols, words),
        alphabetic_share=_share(alphabetic, words),
        bullet_share=_share(sum(map(_BULLETS.__contains__, [row[0] for row in rows])), size),
        ellipsis_share=_share(sum(dots), size),
        terminal_share=_share(sum(map(_TERMINAL.__contains__, lasts)), size),
        short_line_share=_share(sum(map(_SHORT.__gt__, sizes)), size),
        duplicate_line_share=line_share,
        duplicate_line_characters=line_characters,
        duplicate_paragraph_share=paragraph_share,
        duplicate_paragraph_characters=paragraph_characters,
        newline_share=_share(text.count("\n"), words),
        **{name: round(share, 4) if share else 0.0 for name, share in grams.items()},
    )
    return Signals(**counted, **_judged(counted, language))


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


def _judged(found: dict[str, Any], language: str | None) -> dict[str, Any]:
    """Return the verdicts on what was counted: the conditions that fail."""
    quality = (
        ("words", 50 <= found["words"] <= 100_000),
        ("mean_word_length", 3 <= found["mean_word_length"] <= 10),
        ("symbol_ratio", found["symbol_ratio"] <= 0.1),
        ("bullet_share", found["bullet_share"] <= 0.9),
        ("ellipsis_share", found["ellipsis_share"] <= 0.3),
        ("alphabetic_share", found["alphabetic_share"] >= 0.8),
        ("stop_words", found["stop_words"] >= 2 or language != "en"),
    )
    repetition = (
        ("duplicate_line_share", found["duplicate_line_share"] <= 0.3),
        ("duplicate_paragraph_share", found["duplicate_paragraph_share"] <= 0.3),
        ("duplicate_line_characters", found["duplicate_line_characters"] <= 0.2),
        ("duplicate_paragraph_characters", found["duplicate_paragraph_characters"] <= 0.2),
        ("top_2gram_share", found["top_2gram_share"] <= 0.20),
        ("top_3gram_share", found["top_3gram_share"] <= 0.18),
        ("top_4gram_share", found["top_4gram_share"] <= 0.16),
        ("duplicate_5gram_share", found["duplicate_5gram_share"] <= 0.15),
        ("duplicate_6gram_share", found["duplicate_6gram_share"] <= 0.14),
        ("duplicate_7gram_share", found["duplicate_7gram_share"] <= 0.13),
        ("duplicate_8gram_share", found["duplicate_8gram_share"] <= 0.12),
        ("duplicate_9gram_share", found["duplicate_9gram_share"] <= 0.11),
        ("duplicate_10gram_share", found["duplicate_10gram_share"] <= 0.10),
    )
    fineweb = (
        ("terminal_share", found["terminal_share"] > 0.12),
        ("duplicate_line_characters", found["duplicate_line_characters"] < 0.1),
        ("short_line_share", found["short_line_share"] < 0.67),
    )
    return {
        name: tuple(condition for condition, passed in conditions if not passed)
        for name, conditions in (("gopher_quality", quality), ("gopher_repetition", repetition), ("fineweb_quality", fineweb))
    }
