"""From where the lines of one source stand to its templates.

A line is a template when it stands in more of the source's *different* documents than honest lines do, and stands
there as furniture stands: not as a heading over what is the document's own, not as a refrain, not inside a passage
that the documents share. What is doubtful is no template: rules and the line model still see the line.

**Different documents.** Exact copies have one hash and count once. Documents that share most of the words of their
longer lines are one document, too: an edited copy, an excerpt, an instalment that repeats the one before.

**How often is too often.** Let a line that belongs to the texts stand in each document with a chance of at most p,
independently. Then P(at least k of n documents) is a binomial tail, and of the L different lines in a zone those are
taken whose tails pass the step-up test of Benjamini and Hochberg (1995) at ALPHA: at most one in a hundred of them is
expected to stand there by chance. For p there is a measure: of 54,000 kept lines of 1,409 labelled articles, no line
of one or two words stands in more than 5.3 % of the documents of a set ("Conclusion"), none of three to five in more
than 3 %, none of six or more in more than 0.4 %. Where a line has text of the document's own on both sides, p is 10 %,
and 25 % when nothing about the line is furniture: there stand the steps that all recipes of a site share.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.sightings import DIGIT, FURNITURE, LONG, NEXT_PROSE, SENTENCE, SLOT_TITLE, Sightings
from corpuskit.cleaning.templates import BETWEEN, HEAD, TAIL, ZONES

__all__ = ["LEAST_DOCUMENTS", "MOST_DOCUMENTS", "Learnt", "documents_looked_at", "learn", "tail_probability"]

LEAST_DOCUMENTS = 5        # different documents below which a source teaches nothing
MOST_DOCUMENTS = 20_000    # of one source that are looked at: those with the smallest hashes
ALPHA = 0.01

_LEAST_SIGHTINGS = 3
_CHANCE = ((2, 0.05), (5, 0.03), (1 << 16, 0.01))   # words up to which, chance of an honest line
_CHANCE_INSIDE = 0.1
_CHANCE_INSIDE_PLAIN = 0.25

_SAME_WORDS = 0.7          # share of the shorter document's words that makes two documents one
_CONTENT_WORDS = 3         # words from which a line counts for that
_TIED_TO = 32              # documents with a line to which all others with that line are compared
_COMPARED = 0.4            # share of a document's words that must have been compared
_FIXED = 0.5               # share of its documents above which the same neighbour is a fixed one
_HEADING_WORDS = 8         # a longer line without an end mark is a cut-off sentence or a menu, not a heading
_LONE_WORDS = 2            # so short a line needs a neighbour that is a template, or a mark of furniture
_ITEM_WORDS = 3            # of an item of a menu
_FIRST = 0.8               # share of documents that a line opens, from which it is a banner over the title
_UNDER_HEADING = 0.7       # share of its documents in which a heading does not have the same line below it
_NUMBERED = 0.8            # share of documents that a numbered line opens with a number of its own: a series
_PASSAGE = 5               # documents, and half of all, for sentences next to others that repeat
_REFRAIN = 1.5             # times per document


@dataclass(frozen=True, slots=True)
class Learnt:
    """One template of a source, by the hash of its line."""

    key: int
    zone: str
    documents: int
    of: int
    confidence: float
    doc: int          #: hash of the document whose wording is the sample


@dataclass(slots=True)
class _Line:
    """One line in one zone, over all different documents that show it."""

    key: int
    rows: NDArray[np.intp]
    count: int
    words: int
    flags: int
    above: int           # the neighbour that most documents have there, 0 for none; -1 when that differs
    below: int
    inside: bool         # text of the documents' own follows
    varies: bool         # what follows differs so much that the line may be its heading
    accepted: bool = False


def documents_looked_at(docs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the hashes of the documents of one source that are looked at, sorted: all, or a fixed sample."""
    return np.unique(docs)[:MOST_DOCUMENTS]


def learn(seen: Sightings) -> list[Learnt]:
    """Return the templates of one source from all its sightings, which may come in any order."""
    docs = documents_looked_at(seen.doc)
    if len(docs) < LEAST_DOCUMENTS:
        return []
    seen = seen.take(np.isin(seen.doc, docs))
    order = np.lexsort((seen.flags, seen.rank, seen.zone, seen.key, seen.doc))
    seen = seen.take(order)
    # the same document may have come twice, from two files
    fresh = np.ones(len(seen), dtype=bool)
    fresh[1:] = (seen.doc[1:] != seen.doc[:-1]) | (seen.key[1:] != seen.key[:-1]) | (seen.zone[1:] != seen.zone[:-1])
    seen = seen.take(fresh)
    group = _groups(seen, docs)
    total = len(np.unique(group))
    if total < LEAST_DOCUMENTS:
        return []
    of_row = group[np.searchsorted(docs, seen.doc)]
    learnt: list[Learnt] = []
    for name, bit in ZONES.items():
        learnt += _zone(seen, of_row, total, name, bit)
    return learnt


# ------------------------------------------------------------------------------------------ different documents


def _groups(seen: Sightings, docs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each document the number of the first one that is the same.

    Each line of some words ties the document to the first few that have it, too; a tie holds when the tied lines
    make up most of what the shorter document was compared by. What documents of one source share besides copied text
    is their furniture, and that is less than their own. A wrong tie costs templates, never text.
    """
    place = np.searchsorted(docs, seen.doc)
    content = (seen.words >= _CONTENT_WORDS) & (seen.flags & FURNITURE == 0)
    # a line that stands in two zones of a document has two rows: one counts
    pairs = np.stack((seen.key[content], place[content].astype(np.uint64)), axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    rows = np.flatnonzero(content)[first]
    where, key, words = place[rows], seen.key[rows], seen.words[rows].astype(np.int64)
    totals = np.bincount(where, weights=words, minlength=len(docs)).tolist()
    _, starts, inverse, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    common = counts[inverse] > _TIED_TO
    rare = np.bincount(where, weights=np.where(common, 0, words), minlength=len(docs)).tolist()
    shared: defaultdict[tuple[int, int], int] = defaultdict(int)   # words of lines that two documents have both
    beside: defaultdict[tuple[int, int], int] = defaultdict(int)   # those of them in common lines
    tied = counts > 1
    for start, count, size in zip(starts[tied].tolist(), counts[tied].tolist(), words[starts[tied]].tolist(), strict=True):
        bearers = where[start : start + count].tolist()  # in ascending order
        for rank, one in enumerate(bearers[:_TIED_TO], 1):
            for other in bearers[rank:]:
                shared[one, other] += size
                if count > _TIED_TO:
                    beside[one, other] += size
    parent = list(range(len(docs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for (a, b), both in sorted(shared.items()):
        for x in (a, b):
            compared = rare[x] + beside.get((a, b), 0)
            if both >= _SAME_WORDS * compared and compared >= _COMPARED * totals[x]:
                one, other = sorted((root(a), root(b)))
                parent[other] = one
    return np.array([root(at) for at in range(len(docs))], dtype=np.int64)


# ------------------------------------------------------------------------------------------ one zone


def _zone(seen: Sightings, group: NDArray[np.int64], total: int, name: str, bit: int) -> list[Learnt]:
    here = np.flatnonzero(seen.zone & bit)
    if not len(here):
        return []
    order = np.lexsort((seen.doc[here], group[here], seen.key[here]))
    here = here[order]
    key, grouped = seen.key[here], group[here]
    fresh = np.ones(len(here), dtype=bool)
    fresh[1:] = (key[1:] != key[:-1]) | (grouped[1:] != grouped[:-1])
    here, key = here[fresh], key[fresh]
    keys, starts, counts = np.unique(key, return_index=True, return_counts=True)
    common = {int(k): int(n) for k, n in zip(keys, counts, strict=True) if n >= _LEAST_SIGHTINGS}
    lines: dict[int, _Line] = {}
    for k, start, count in zip(keys.tolist(), starts.tolist(), counts.tolist(), strict=True):
        if count >= _LEAST_SIGHTINGS:
            rows = here[start : start + count]
            lines[k] = _line(seen, k, rows, common)
    frequent = _too_often(list(lines.values()), total, len(keys), bit)
    chosen = [one for one in frequent if _stands_alone(seen, one, lines, total, bit)]
    _accept(chosen, seen, bit)
    result = []
    for one in chosen:
        if one.accepted:
            confidence = _confidence(one, total, bit)
            result.append(Learnt(one.key, name, one.count, total, confidence, int(seen.doc[one.rows].min())))
    return result


def _line(seen: Sightings, key: int, rows: NDArray[np.intp], common: dict[int, int]) -> _Line:
    count = len(rows)
    flags = 0
    for bit in (LONG, SENTENCE, FURNITURE, NEXT_PROSE, SLOT_TITLE, DIGIT):
        if 2 * int(np.count_nonzero(seen.flags[rows] & bit)) >= count:
            flags |= bit
    below = seen.next[rows].tolist()
    own = sum(other != 0 and other not in common for other in below)
    return _Line(
        key, rows, count, int(np.median(seen.words[rows])), flags,
        _fixed(seen.prev[rows].tolist()), _fixed(below), 2 * own >= count,
        max(Counter(below).values()) < _UNDER_HEADING * count,
    )  # fmt: skip


def _fixed(neighbours: list[int]) -> int:
    """Return the neighbour that more than half of the documents have, or -1."""
    neighbour, count = min(Counter(neighbours).items(), key=lambda item: (-item[1], item[0]))
    return neighbour if count > _FIXED * len(neighbours) else -1


def _too_often(lines: list[_Line], total: int, tested: int, bit: int) -> list[_Line]:
    """Return those of `lines`, of `tested` in the zone, that stand in more documents than honest lines would."""
    ranked: list[tuple[float, int, _Line]] = []
    for line in lines:
        chance = next(p for most, p in _CHANCE if line.words <= most)
        if bit == BETWEEN or (line.inside and bit == TAIL):
            chance = _CHANCE_INSIDE if line.flags & FURNITURE else _CHANCE_INSIDE_PLAIN
        elif bit == TAIL and line.flags & SENTENCE and not line.flags & FURNITURE:
            chance = _CHANCE_INSIDE  # "Season to taste with salt and pepper." closes the recipe of every second cook
        ranked.append((tail_probability(line.count, total, chance), line.key, line))
    ranked.sort(key=lambda one: one[:2])
    passed = [rank for rank, one in enumerate(ranked, 1) if one[0] * tested <= ALPHA * rank]
    return [one[2] for one in ranked[: max(passed, default=0)]]


def tail_probability(count: int, total: int, chance: float) -> float:
    """Return P(X >= count) for X binomial with `total` trials of probability `chance`."""
    if count <= total * chance:
        return 1.0
    log = (
        math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
        + count * math.log(chance) + (total - count) * math.log1p(-chance)
    )  # fmt: skip
    term = math.exp(log)
    result = 0.0
    for k in range(count, total + 1):
        result += term
        if term < 1e-12 * result:
            break
        term *= (total - k) / (k + 1) * chance / (1 - chance)
    return result


def _stands_alone(seen: Sightings, line: _Line, lines: dict[int, _Line], total: int, bit: int) -> bool:
    """Whether the line stands as furniture does, and not as a part of what the documents say."""
    flags, rows = line.flags, line.rows
    if flags & SLOT_TITLE or _is_series(seen, line):
        return False
    furniture = bool(flags & FURNITURE)
    if not furniture and seen.times[rows].mean() >= _REFRAIN:
        return False  # a refrain, a speaker's label, "Q:"
    if flags & (LONG | SENTENCE) and not furniture and _is_passage(line, lines, total):
        return False
    if flags & LONG:
        return furniture or line.count > _LEAST_SIGHTINGS
    if line.varies and not flags & SENTENCE and not furniture and line.words <= _HEADING_WORDS:
        # A heading, a label or a question over what is the document's own ("Ingredients", "How did you begin?");
        # but the site's name or section above the title heads nothing.
        return bit == HEAD and not flags & NEXT_PROSE and (_ends_menu(line, lines) or _is_first(seen, line))
    # A sentence with a number in the midst of the document's own text is a step or a finding: "Heat to 180 degrees."
    return not ((bit == BETWEEN or line.inside) and flags & DIGIT and not furniture)


def _is_series(seen: Sightings, line: _Line) -> bool:
    """Whether the line is the title of a part of a series: it stands at the top of its documents, each with another number.

    "Letters from the Quay 5" is; the numbers of "Issue 5 - Home" and "4 min read" come again.
    """
    numbers = seen.number[line.rows]
    return bool(len(np.unique(numbers[numbers > 0])) >= _NUMBERED * line.count)


def _is_passage(line: _Line, lines: dict[int, _Line], total: int) -> bool:
    """Whether a sentence or paragraph goes on, above or below, in one that about as many documents have, too.

    So does a passage that some documents share; a standing text of several paragraphs does in most documents.
    """
    near = [lines[key] for key in (line.above, line.below) if key in lines]
    goes_on = any(one.flags & (LONG | SENTENCE) and one.count < 2 * line.count for one in near)
    return goes_on and (line.count < _PASSAGE or 2 * line.count < total)


def _is_first(seen: Sightings, line: _Line) -> bool:
    """Whether the line opens nearly all documents that have it, and is more than one word."""
    return line.words >= _LONE_WORDS and bool(np.count_nonzero(seen.rank[line.rows] == 0) >= _FIRST * line.count)


def _is_item(line: _Line) -> bool:
    return line.words <= _ITEM_WORDS and not line.flags & (SENTENCE | FURNITURE | LONG)


def _ends_menu(line: _Line, lines: dict[int, _Line]) -> bool:
    """Whether two items of a menu stand above the line, in that order."""
    above = lines.get(line.above)
    further = lines.get(above.above) if above else None
    return above is not None and further is not None and _is_item(line) and _is_item(above) and _is_item(further)


def _accept(chosen: list[_Line], seen: Sightings, bit: int) -> None:
    """Accept the lines that need no company, then those that have it, to the end of each chain.

    What is no sentence and stands over a line that is no template is that line's heading ("How did you begin?" over
    "A:"). One or two words may be a heading, too, and so may all that is no sentence between paragraphs: such a line
    is accepted beside one that is, or amid a menu.
    """
    known = {one.key: one for one in chosen}
    waiting: dict[int, list[_Line]] = {}
    ready: deque[_Line] = deque()
    for one in chosen:
        amid = bit != BETWEEN and one.above in known and one.below in known
        plain = not one.flags & SENTENCE
        heads = plain and one.words <= _HEADING_WORDS and one.below > 0 and one.below not in known
        if heads and not one.flags & FURNITURE and not _ends_menu(one, known):
            continue
        doubtful = one.words <= _LONE_WORDS or (plain and bit == BETWEEN)
        if one.flags & FURNITURE or not doubtful or amid or (bit == HEAD and _is_first(seen, one)):
            ready.append(one)
            continue
        # at the end of a text, what stands above the furniture may be its last words: "The End"
        for neighbour in (one.above,) if bit == TAIL else (one.above, one.below):
            if neighbour in known:
                waiting.setdefault(neighbour, []).append(one)
    while ready:
        one = ready.popleft()
        if not one.accepted:
            one.accepted = True
            ready.extend(waiting.get(one.key, ()))


def _confidence(line: _Line, total: int, bit: int) -> float:
    """By share and place, in few steps: a count that grows by one must not change what depends on the list."""
    share = line.count / total
    confidence = 0.97 if share < 0.5 else 0.985
    if bit == BETWEEN or (bit == TAIL and line.inside):
        confidence -= 0.03
    if line.flags & LONG:
        confidence -= 0.02
    if line.count < 5:
        confidence -= 0.01
    return round(confidence, 3)
