"""The decision: is the text `a` contained in the text `b`? Read on the texts, never on their sketches.

A word of `a` is *covered* when it lies in a five-word shingle that also stands in `b`, and most of what is covered
so lies in long stretches of both (see `common`). An exchanged word in the middle of a copied passage thus leaves
exactly itself uncovered, and an added sentence its own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.common import counted, hits, longest, share
from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.reading import Reading, read, read_all, where
from corpuskit.duplicates.shingles import PASSAGE, fold_back
from corpuskit.patterns import later

__all__ = ["COPIES", "Edge", "Kind", "Reading", "differences", "read", "read_all", "same", "verify", "where"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

#: exact, near and contained are copies: `a` may go when `b` stays. related is reported only.
Kind = Literal["exact", "near", "contained", "related", "none"]

#: The kinds by which a text may go, weakest first.
COPIES: tuple[Kind, ...] = ("contained", "near", "exact")

_SHOWN = 200  # characters of a passage that a person is shown
_AROUND = 4  # words by which what stands in a fact's place may be longer than twice the fact
_NEARBY = 20_000  # characters around a word in which its lower-case form is looked for
_SPELLED = 4  # letters from which a word may be found inside words that are glued together
#: What a letter becomes where an encoding has no place for it, beside U+FFFD; no question ends before a letter.
_LOST = later(r"\?(?=[\w\ufffd?-])")
_LOSSY = later(r"(?:[^\W_]|\ufffd)+")
_REACH = 40  # characters to either side of a word in which it may go on


@dataclass(frozen=True, slots=True)
class Edge:
    """What reading `a` against `b` found. Shares are rounded to 3 decimals after the decision."""

    kind: Kind             #: is `a` a copy of `b`, or of a part of it?
    coverage: float        #: share of the words of `a` that are covered by `b`
    coverage_back: float   #: share of the words of `b` that are covered by `a`
    jaccard: float         #: of the distinct five-word shingles
    longest: int           #: words in the longest passage that stands in both, word for word
    lacking: int           #: words in the longest passage of `a` that `b` lacks
    facts: int             #: places where `b` has something else for a number or name of `a`; counted to the limit
    reason: str            #: what kept `a` from being a copy, empty when it is one


def same(words: int) -> Edge:
    """Return the edge between two texts of the same `words` folded words."""
    return Edge("exact", 1.0, 1.0, 1.0, words, 0, 0, "")


def verify(a: str | Reading, b: str | Reading, options: Options = DEFAULTS) -> Edge:
    """Read `a` against `b` and say whether `a` may be dropped when `b` is kept.

    `a` is *exact* when both have the same folded words in the same order; else a copy when it has at least
    `min_words` words, `min_coverage` of them covered, no passage of `max_passage` words that `b` lacks, and
    no more exchanged facts than its length allows. A copy is *near* when most of `b` is covered too, else
    *contained*.
    """
    a = read(a) if isinstance(a, str) else a
    b = read(b) if isinstance(b, str) else b
    if a.digest == b.digest:
        return same(len(a.hashes))
    found, back, both = hits(a, b)
    places = counted(a, b, found)
    coverage = share(places, len(a.hashes))
    coverage_back = share(counted(b, a, back), len(b.hashes))
    lacking = _longest_gap(places, len(a.hashes))
    facts = 0
    if len(a.hashes) < options.min_words:
        reason = "too short to be anything but an exact copy"
    elif coverage < options.min_coverage:
        reason = "too few of its words stand in the other text"
    elif lacking >= options.max_passage:
        reason = "a passage of it is missing in the other text"
    else:
        whole = len(a.hashes) < options.whole_words
        starts, ends = _gaps(*_stretches(places), len(a.hashes))
        runs = list(zip(starts.tolist(), ends.tolist(), strict=True))
        facts = _exchanged(a, b, runs, whole, options.max_facts + 1)
        allowed = min(len(a.hashes) // options.words_per_fact, options.max_facts)
        reason = "numbers or names differ" if facts > allowed else ""
    kind: Kind
    if not reason:
        # By length as well: a page of many such notices is covered by one of them, but for the dates.
        most = coverage_back >= options.near_share and len(a.hashes) >= options.near_share * len(b.hashes)
        kind = "near" if most else "contained"
    else:
        kind = "related" if max(coverage, coverage_back) >= options.related_share else "none"
    return Edge(
        kind,
        round(coverage, 3),
        round(coverage_back, 3),
        round(both / max(1, len(a.firsts) + len(b.firsts) - 2 - both), 3),
        longest(b, a, back) if (len(found[0]), a.digest) > (len(back[0]), b.digest) else longest(a, b, found),
        lacking,
        facts,
        reason,
    )


def differences(a: str | Reading, b: str | Reading, most: int = 3) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the longest passages of `a` that `b` lacks, and of `b` that `a` lacks: at most `most` of each,
    longest first, each on one line and of at most 200 characters.
    """
    a = read(a) if isinstance(a, str) else a
    b = read(b) if isinstance(b, str) else b
    found, back, _ = hits(a, b)
    return _lacking(a, counted(a, b, found), most), _lacking(b, counted(b, a, back), most)


def _lacking(a: Reading, places: I64, most: int) -> tuple[str, ...]:
    """The longest passages of `a` that are not covered by shingles at `places`."""
    starts, ends = _gaps(*_stretches(places), len(a.hashes))
    chosen = np.lexsort((starts, starts - ends))[:most].tolist()
    shown = []
    for at in chosen:
        start, end = int(a.starts[starts[at]]), int(a.ends[ends[at] - 1])
        text = fold_back(a.text, start, min(end, start + 4 * _SHOWN))
        shown.append(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
    return tuple(shown)


def _stretches(places: I64) -> tuple[I64, I64]:
    """The stretches that shingles at `places` cover without a gap: first words, and the words after them."""
    if not len(places):
        return places, places
    gaps = np.flatnonzero(np.diff(places) > PASSAGE)
    return places[np.concatenate([[0], gaps + 1])], places[np.append(gaps, -1)] + PASSAGE


def _gaps(starts: I64, ends: I64, words: int) -> tuple[I64, I64]:
    """What lies before, between and after such stretches in a text of so many words."""
    begins, stops = np.concatenate([[0], ends]), np.append(starts, words)
    real = begins < stops
    return begins[real], stops[real]


def _longest_gap(places: I64, words: int) -> int:
    """Words in the longest passage that is not covered. Between two gaps a shingle or two may have been met by chance,
    and do not part them.
    """
    starts, ends = _stretches(places)
    solid = (ends - starts >= PASSAGE + 3) | (starts == 0) | (ends == words)
    begins, stops = _gaps(starts[solid], ends[solid], words)
    return int((stops - begins).max(initial=0))


def _exchanged(a: Reading, b: Reading, runs: list[tuple[int, int]], whole: bool, most: int) -> int:
    """Number of uncovered runs of `a` that hold a number or a name and in whose place `b` has other words, about
    as many, without it; counted up to `most`.

    "closed on Monday, May 5" against "closed on Friday, May 9" is one. A photographer's name that only one of
    the texts has is none, for nothing stands in its place; nor is a label where the other text has an embedded
    post, for that is no form filled in otherwise. With `whole`, the ends of the texts count as neighbours too;
    without, an exchanged headline or dateline is let pass.
    """
    count = 0
    for start, end in runs:
        if count == most:
            break
        inner = start >= PASSAGE and end < len(a.grams)
        if not inner and not whole:
            continue
        left, right = _between(a, b, start, end)
        if not 0 < right - left <= 2 * (end - start) + _AROUND:
            continue
        met = a.hashes[start:end, None] == b.hashes[left:right]  # a few words each, for which `isin` takes twenty times as long
        new = start + np.flatnonzero(~met.any(axis=1))
        facts = [at for at in new.tolist() if _is_fact(a, at, b, left)]
        if facts:
            there = [_bare(_word(b, at)) for at in range(left, right)]
            joined = "".join(there)
            count += any(
                not _spelled_otherwise(_bare(_word(a, at)), there, joined) and not _spoilt(a, at, b, left, right)
                for at in facts
            )
    return count


def _spelled_otherwise(fact: str, there: list[str], joined: str) -> bool:
    """Whether the words `there` have it, spelled or spaced by another hand: "Hateg" for "Hațeg", "rightsThe" for
    "rights. The"."""
    return fact in there or (len(fact) >= _SPELLED and fact.isalpha() and fact in joined)


def _spoilt(a: Reading, at: int, b: Reading, left: int, right: int) -> bool:
    """Whether a word of `a` and one of `b`, of the words `[left, right)`, are the same but for letters that one of them
    lost in an encoding: "Ha?eg" for "Hațeg"."""
    mine = _lossy(a, at)
    for theirs in {_lossy(b, place) for place in range(left, right)}:
        for spoilt, whole in ((mine, theirs), (theirs, mine)):
            pattern = re.sub("\ufffd+", lambda lost: rf"[^\W\d_]{{1,{len(lost.group())}}}", re.escape(spoilt))
            if "\ufffd" in spoilt and re.fullmatch(pattern, whole):
                return True
    return False


def _lossy(a: Reading, at: int) -> str:
    """A word with the letters lost in it or beside it as U+FFFD, and what these part from it; without case and
    accents."""
    start, end = int(a.starts[at]), int(a.ends[at])
    begin = max(0, start - _REACH)
    around = _LOST.sub("\ufffd", a.text[begin : end + _REACH])
    return _bare(next(match.group() for match in _LOSSY.finditer(around) if match.end() > start - begin))


def _between(a: Reading, b: Reading, start: int, end: int) -> tuple[int, int]:
    """Span of the words of `b` between the neighbours of the words `[start, end)` of `a`; empty or turned round
    where they are not neighbours in `b`. Where they stand in `b` many times, the nearest ones count: `b` may be a
    list of such notices, each with its own date.
    """
    left = np.array([0]) if start < PASSAGE else _first(b, a.grams[start - PASSAGE]) + PASSAGE
    right = np.array([len(b.hashes)]) if end >= len(a.grams) else _first(b, a.grams[end])
    if not len(left) or not len(right):
        return 0, 0
    if len(left) == len(right) == 1:  # as nearly always
        return int(left[0]), int(right[0])
    after = np.searchsorted(right, left)
    if not (after < len(right)).any():
        return int(left[0]), int(right[-1])
    gaps = np.where(after < len(right), right[np.minimum(after, len(right) - 1)] - left, len(b.hashes) + 1)
    best = int(np.argmin(gaps))
    return int(left[best]), int(left[best] + gaps[best])


def _first(b: Reading, gram: np.uint64) -> I64:
    """The first places of a shingle in `b`, in order; some hundred, lest "la la la" take its time."""
    low = int(b.sorted.searchsorted(gram))
    if low == len(b.sorted) or b.sorted[low] != gram:
        return b.order[:0]
    high = low + 1
    if high < len(b.sorted) and b.sorted[high] == gram:
        high = int(b.sorted.searchsorted(gram, side="right"))
    return b.order[low : min(high, low + 100)]


def _word(a: Reading, at: int) -> str:
    return a.text[a.starts[at] : a.ends[at]]


def _bare(word: str) -> str:
    """The word without case and accents."""
    return "".join(char for char in normalize("NFKD", word.casefold()) if not combining(char))


def _is_fact(a: Reading, at: int, b: Reading, place: int) -> bool:
    """Whether a word of `a` is a number or looks like a name; in scripts without case any word may be one.

    The capital that begins a sentence says nothing when either text has the same word in lower case, "in" or
    "one", within `_NEARBY` characters of it or of the word `place` of `b`.
    """
    word = _word(a, at)
    if any(char.isdigit() for char in word) or word.lower() == word.upper():
        return True
    if not word[0].isupper():
        return False
    before = a.text[max(0, int(a.starts[at]) - 3) : a.starts[at]].rstrip(" \u201c\u201d\"'(")
    if before and before[-1] not in ".!?:\n…":
        return True
    ordinary = f" {word.lower()} "
    for text, middle in ((a.text, int(a.starts[at])), (b.text, int(b.starts[place]))):
        if text.find(ordinary, max(0, middle - _NEARBY), middle + _NEARBY) >= 0:
            return False
    return True
