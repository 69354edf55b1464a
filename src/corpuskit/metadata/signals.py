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
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.lexicon import LANGUAGES, lexicon
from corpuskit.metadata.record import Signals
from corpuskit.metadata.repetition import TOP, gram_shares
from corpuskit.words import Words, scan

__all__ = ["GOPHER_STOP_WORDS", "signals"]

#: At least two of these must stand in an English text (Gopher, A1.1).
GOPHER_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")

_SENTENCE = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+|[।॥]")
_TERMINAL = (
    ".",
    "!",
    "?",
    '"',
    "'",
    "”",
    "’",
    "。",
    "！",
    "？",
    "…",
    "»",
    "।",
    "」",
    "』",
)  # FineWeb: terminal punctuation
_BULLETS = ("-", "•", "*", "●", "▪", "‣", "·", "–")
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
    grams = gram_shares(batch, lengths)
    return [
        _one(text, at, language, words, lengths, alphabetic, stops, needed, grams)
        for at, (text, language) in enumerate(zip(texts, languages, strict=True))
    ]


def _sums(docs: NDArray[np.int64], values: NDArray[np.int64] | NDArray[np.bool_], count: int) -> NDArray[np.float64]:
    return np.bincount(docs, weights=values.astype(np.float64), minlength=count).astype(np.float64)


def _alphabetic(batch: Words) -> NDArray[np.bool_]:
    """Which words hold a letter: those that are not digits alone."""
    digits = ((batch.points >= 48) & (batch.points <= 57)).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(digits)])
    found: NDArray[np.bool_] = (total[batch.ends] - total[batch.starts]) < (batch.ends - batch.starts)
    return found


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
    stops: NDArray[np.int64],
    needed: NDArray[np.int64],
    grams: dict[int, NDArray[np.float64]],
) -> Signals:
    total = int(words[at])
    rows = [line.strip() for line in text.split("\n")]
    rows = [row for row in rows if row]
    paragraphs = [part.strip() for part in text.split("\n\n")]
    paragraphs = [part for part in paragraphs if part]
    size = max(len(rows), 1)
    symbols = max(text.count("#"), text.count("...") + text.count("…"))  # "for either the hash symbol or the ellipsis"
    repeated: dict[str, Any] = {
        f"{'top' if size in TOP else 'duplicate'}_{size}gram_share": round(float(shares[at]), 4)
        for size, shares in grams.items()
    }
    line_share, line_characters = _repeated(rows)
    paragraph_share, paragraph_characters = _repeated(paragraphs)
    found = Signals(
        characters=len(text),
        words=total,
        sentences=max(len(_SENTENCE.findall(text)), 1) if total else 0,
        lines=len(rows),
        paragraphs=len(paragraphs),
        mean_word_length=_share(float(lengths[at]), total),
        mean_line_length=_share(sum(map(len, rows)), len(rows)),
        stop_words=int(needed[at]),
        stop_word_share=_share(int(stops[at]), total),
        symbol_ratio=_share(symbols, total),
        alphabetic_share=_share(float(alphabetic[at]), total),
        bullet_share=_share(sum(row.startswith(_BULLETS) for row in rows), size),
        ellipsis_share=_share(sum(row.endswith(("...", "…")) for row in rows), size),
        terminal_share=_share(sum(row.endswith(_TERMINAL) for row in rows), size),
        short_line_share=_share(sum(len(row) < _SHORT for row in rows), size),
        duplicate_line_share=line_share,
        duplicate_line_characters=line_characters,
        duplicate_paragraph_share=paragraph_share,
        duplicate_paragraph_characters=paragraph_characters,
        newline_share=_share(text.count("\n"), total),
        **repeated,
    )
    return _judged(found, language)


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _repeated(rows: list[str]) -> tuple[float, float]:
    """Part of the lines that stood before, and of the characters in them."""
    seen: set[str] = set()
    again = characters = 0
    for row in rows:
        if row in seen:
            again += 1
            characters += len(row)
        seen.add(row)
    return _share(again, len(rows)), _share(characters, sum(map(len, rows)))


def _judged(found: Signals, language: str | None) -> Signals:
    quality = (
        ("words", 50 <= found.words <= 100_000),
        ("mean_word_length", 3 <= found.mean_word_length <= 10),
        ("symbol_ratio", found.symbol_ratio <= 0.1),
        ("bullet_share", found.bullet_share <= 0.9),
        ("ellipsis_share", found.ellipsis_share <= 0.3),
        ("alphabetic_share", found.alphabetic_share >= 0.8),
        ("stop_words", found.stop_words >= 2 or language != "en"),
    )
    repetition = (
        ("duplicate_line_share", found.duplicate_line_share <= 0.3),
        ("duplicate_paragraph_share", found.duplicate_paragraph_share <= 0.3),
        ("duplicate_line_characters", found.duplicate_line_characters <= 0.2),
        ("duplicate_paragraph_characters", found.duplicate_paragraph_characters <= 0.2),
        ("top_2gram_share", found.top_2gram_share <= 0.20),
        ("top_3gram_share", found.top_3gram_share <= 0.18),
        ("top_4gram_share", found.top_4gram_share <= 0.16),
        ("duplicate_5gram_share", found.duplicate_5gram_share <= 0.15),
        ("duplicate_6gram_share", found.duplicate_6gram_share <= 0.14),
        ("duplicate_7gram_share", found.duplicate_7gram_share <= 0.13),
        ("duplicate_8gram_share", found.duplicate_8gram_share <= 0.12),
        ("duplicate_9gram_share", found.duplicate_9gram_share <= 0.11),
        ("duplicate_10gram_share", found.duplicate_10gram_share <= 0.10),
    )
    fineweb = (
        ("terminal_share", found.terminal_share > 0.12),
        ("duplicate_line_characters", found.duplicate_line_characters < 0.1),
        ("short_line_share", found.short_line_share < 0.67),
    )
    return replace(
        found,
        gopher_quality=tuple(name for name, passed in quality if not passed),
        gopher_repetition=tuple(name for name, passed in repetition if not passed),
        fineweb_quality=tuple(name for name, passed in fineweb if not passed),
    )
