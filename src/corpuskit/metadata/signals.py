"""Quality signals of clean texts: the counts that people filter corpora by, by their published definitions.

Gopher: Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", A1.1
(quality) and table A1 (repetition). FineWeb: Penedo et al. 2024, "The FineWeb Datasets", 3.6. A filter's
verdict is the tuple of the conditions that a text fails, empty when it passes; nothing is dropped here.

Words are those of `corpuskit.words.scan`, so that one pass over a batch gives all counts; Gopher counts what
stands between white space, which differs by a few per cent where words hold apostrophes or hyphens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.lexicon import LANGUAGES, lexicon
from corpuskit.metadata.record import Signals
from corpuskit.metadata.repetition import TOP, gram_shares
from corpuskit.words import Places, Words, characters, looked_up, scan

__all__ = ["GOPHER_STOP_WORDS", "signals"]

#: At least two of these must stand in an English text (Gopher, A1.1).
GOPHER_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")

#: A sentence ends with one or more of `_STOPS`, and of `_CLOSERS` behind them, before white space; with one or more of
#: `_WIDE`; or with one of `_DANDAS`.
_STOPS, _CLOSERS, _WIDE, _DANDAS = ".!?…", "\"'”’»)]", "。！？", "।॥"
_STOP, _CLOSER, _FULL, _DANDA, _SPACE = 1, 2, 4, 8, 16
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
    alphabetic = _sums(batch.docs, _alphabetic(batch), count)
    stops = _stop_words(batch, languages, count)
    needed = _needed(batch, count)
    sentences = _sentences(batch, count)
    grams = gram_shares(batch, lengths)
    return [
        _one(text, at, language, words, lengths, alphabetic, sentences, stops, needed, grams)
        for at, (text, language) in enumerate(zip(texts, languages, strict=True))
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


@cache
def _hashes(words: tuple[str, ...]) -> NDArray[np.uint64]:
    return np.unique(scan(words).hashes)


def _stop_words(batch: Words, languages: Sequence[str | None], count: int) -> NDArray[np.int64]:
    found = np.zeros(count, dtype=np.int64)
    of_doc = np.array([language or "" for language in languages], dtype=object)
    for language in sorted(set(of_doc.tolist())):
        if language not in LANGUAGES:
            continue
        wanted = np.flatnonzero((of_doc == language)[batch.docs])
        table = _hashes(tuple(sorted(lexicon(language).stop)))
        spots = np.minimum(np.searchsorted(table, batch.hashes[wanted]), len(table) - 1)
        hits = wanted[table[spots] == batch.hashes[wanted]]
        found += np.bincount(batch.docs[hits], minlength=count)
    return found


def _needed(batch: Words, count: int) -> NDArray[np.int64]:
    """How many different ones of Gopher's stop words each text holds."""
    found = np.zeros(count, dtype=np.int64)
    for value in scan(GOPHER_STOP_WORDS).hashes:
        found += np.bincount(batch.docs[batch.hashes == value], minlength=count) > 0
    return found


def _one(
    text: str,
    at: int,
    language: str | None,
    words: NDArray[np.int64],
    lengths: NDArray[np.float64],
    alphabetic: NDArray[np.float64],
    sentences: NDArray[np.int64],
    stops: NDArray[np.int64],
    needed: NDArray[np.int64],
    grams: dict[int, NDArray[np.float64]],
) -> Signals:
    total = int(words[at])
    rows = [row for row in map(str.strip, text.split("\n")) if row]
    paragraphs = [part for part in map(str.strip, text.split("\n\n")) if part]
    size = max(len(rows), 1)
    symbols = max(text.count("#"), text.count("...") + text.count("…"))  # "for either the hash symbol or the ellipsis"
    repeated: dict[str, Any] = {
        f"{'top' if size in TOP else 'duplicate'}_{size}gram_share": round(float(shares[at]), 4)
        for size, shares in grams.items()
    }
    line_share, line_characters = _repeated(rows)
    paragraph_share, paragraph_characters = _repeated(paragraphs)
    sizes = list(map(len, rows))
    characters = sum(sizes)
    lasts = [row[-1] for row in rows]
    dots = [row[-1] == "…" or row.endswith("...") for row in rows] if "…" in text or "..." in text else ()
    counted: dict[str, Any] = dict(
        characters=len(text),
        words=total,
        sentences=max(int(sentences[at]), 1) if total else 0,
        lines=len(rows),
        paragraphs=len(paragraphs),
        mean_word_length=_share(float(lengths[at]), total),
        mean_line_length=_share(characters, len(rows)),
        stop_words=int(needed[at]),
        stop_word_share=_share(int(stops[at]), total),
        symbol_ratio=_share(symbols, total),
        alphabetic_share=_share(float(alphabetic[at]), total),
        bullet_share=_share(sum(map(_BULLETS.__contains__, [row[0] for row in rows])), size),
        ellipsis_share=_share(sum(dots), size),
        terminal_share=_share(sum(map(_TERMINAL.__contains__, lasts)), size),
        short_line_share=_share(sum(map(_SHORT.__gt__, sizes)), size),
        duplicate_line_share=line_share,
        duplicate_line_characters=line_characters,
        duplicate_paragraph_share=paragraph_share,
        duplicate_paragraph_characters=paragraph_characters,
        newline_share=_share(text.count("\n"), total),
        **repeated,
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
