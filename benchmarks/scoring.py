"""Score a cleaner on labelled lines: what of the residue is gone, and what of the article went with it.

The words of the input are aligned, in order, with the words of the output; a word that does not come back was
removed. So any tool can be scored that gives text for text, whatever it did inside.

    residue removed   share of the residue words that are gone
    good words lost   article words that are gone, per million article words
    precision         share of the removed words that were residue
    body F1           of the word 4-grams of output and article, precision and recall averaged over documents (the
                      metric of scrapinghub/article-extraction-benchmark)

A word is a run of letters and digits after NFKC and lower-casing; Han, kana and Thai characters count one each.
Lines labelled as doubtful count nowhere.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import mean

from rapidfuzz.distance import Indel

__all__ = [
    "BENCH_SETS", "ROOT", "Cell", "Counts", "Gold", "bench", "cell", "cells", "count", "data_digest", "gold_path",
    "load", "words",
]  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent

#: The labelled sets outside the repository, the main one first.
BENCH_SETS = (
    "residue", "turku", "andy.traf", "andy.resi", "fundus.traf", "fundus.resi", "wcxb.traf", "wcxb.resi", "l3s.traf",
)  # fmt: skip

_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\\W_]+")
_GRAM = 4

Line = tuple[str, ...]  # the words of a line


def words(text: str) -> Line:
    """Return the words of `text`."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """One labelled document. The sequences run over its lines; `labels` over the words of each line."""

    set: str
    id: str
    lang: str                                 #: "" where the set does not say
    site: str                                 #: domain of its page, "" where the set does not say
    text: str                                 #: the input of a cleaner
    keep: tuple[bool, ...]
    scored: tuple[bool, ...]                  #: False for a line that was labelled as doubtful
    words: tuple[Line, ...]
    labels: tuple[tuple[str | None, ...], ...]   #: None for a word of the article, else its class ("" if unknown)
    known: dict[str, Line] = field(repr=False)   #: the words of the lines that are all kept or all residue

    @property
    def article(self) -> list[str]:
        """The words of the article, doubtful lines included as they are labelled."""
        lines = zip(self.words, self.labels, strict=True)
        return [word for line, says in lines for word, label in zip(line, says, strict=True) if label is None]

    @property
    def residual(self) -> bool:
        """Whether anything in the document is labelled as residue."""
        return any(label is not None for says in self.labels for label in says)


def bench() -> Path:
    """Return the folder in which the labelled sets lie, whether it is there or not."""
    shared = os.environ.get("CORPUSKIT_SHARED", str(ROOT.parent / "shared"))
    return Path(os.environ.get("CORPUSKIT_BENCH", str(Path(shared) / "bench")))


def gold_path(name: str) -> Path:
    """Return the file of a set: "gold" is the one in the repository."""
    return ROOT / "tests" / "gold" / "corpus.jsonl" if name == "gold" else bench() / "lines" / f"{name}.jsonl.gz"


def data_digest(name: str) -> str:
    """Return the sha256 of a set's file."""
    return hashlib.sha256(gold_path(name).read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def load(name: str) -> tuple[Gold, ...]:
    """Return the documents of a set, in the order of its file."""
    path = gold_path(name)
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return tuple(_read(name, json.loads(line)) for line in file if line.strip())


def _read(name: str, row: dict[str, object]) -> Gold:
    lines: list[str] = row["lines"]  # type: ignore[assignment]
    keep: list[int] = row["keep"]  # type: ignore[assignment]
    classes: list[str] = row.get("cls") or [""] * len(lines)  # type: ignore[assignment]
    doubt: list[int] = row.get("ambig") or [0] * len(lines)  # type: ignore[assignment]
    spans: dict[str, list[tuple[str, str]]] = row.get("spans") or {}  # type: ignore[assignment]
    found: list[Line] = []
    labels: list[tuple[str | None, ...]] = []
    known: dict[str, Line] = {}
    for number, line in enumerate(lines):
        inside = spans.get(str(number + 1)) if keep[number] else None
        if inside:
            pieces = _pieces(line, inside)
            found.append(tuple(word for piece, _ in pieces for word in piece))
            labels.append(tuple(label for piece, label in pieces for _ in piece))
        else:
            whole = known.setdefault(line, words(line))
            found.append(whole)
            labels.append((None if keep[number] else classes[number],) * len(whole))
    return Gold(
        set=name,
        id=str(row["id"]),
        lang=str(row.get("lang") or ""),
        site=str(row.get("domain") or ""),
        text="\n".join(lines),
        keep=tuple(map(bool, keep)),
        scored=tuple(not one for one in doubt),
        words=tuple(found),
        labels=tuple(labels),
        known=known,
    )


def _pieces(line: str, spans: Iterable[Sequence[str]]) -> list[tuple[Line, str | None]]:
    """The words of a kept line of which parts are residue, part by part with its label."""
    pieces: list[tuple[Line, str | None]] = []
    at = 0
    for start, text, family in sorted((line.index(text), text, family) for family, text in spans):
        pieces += [(words(line[at:start]), None), (words(text), family)]
        at = start + len(text)
    return [*pieces, (words(line[at:]), None)]


# ------------------------------------------------------------------------------------------------- one document


@dataclass(frozen=True, slots=True)
class Counts:
    """What a cleaner did to one document, in words."""

    lang: str
    good: int
    lost: int
    residue: int
    removed: int
    classes: tuple[tuple[str, int, int], ...]   #: class, its words, of these removed; classes that are known
    spared: bool | None                         #: nothing of a document without residue is gone; None for others
    precision: float | None                     #: of the 4-grams; None where the output has none
    recall: float | None                        #: None where the article has none


def count(gold: Gold, output: str) -> Counts:
    """Return what became of the words of `gold` in `output`."""
    out = [found for line in output.split("\n") if (found := gold.known.get(line) or words(line))]
    good = lost = 0
    residue: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    for says, stays, scored in zip(gold.labels, _stays(gold, out), gold.scored, strict=True):
        if not scored:
            continue
        for label, stay in zip(says, stays, strict=True):
            if label is None:
                good += 1
                lost += not stay
            else:
                residue[label] += 1
                removed[label] += not stay
    want = _grams(gold.article)
    have = _grams([word for line in out for word in line])
    both = sum((want & have).values())
    return Counts(
        lang=gold.lang,
        good=good,
        lost=lost,
        residue=residue.total(),
        removed=removed.total(),
        classes=tuple((name, residue[name], removed[name]) for name in sorted(residue) if name),
        spared=None if gold.residual else out == [line for line in gold.words if line],
        precision=both / have.total() if have else 0.0 if want else None,
        recall=both / want.total() if want else None,
    )


def _grams(found: Sequence[str]) -> Counter[Line]:
    if not found:
        return Counter()
    if len(found) < _GRAM:
        return Counter([tuple(found)])
    return Counter(zip(*(found[shift:] for shift in range(_GRAM)), strict=False))


def _stays(gold: Gold, out: Sequence[Line]) -> list[Sequence[bool]]:
    """For each word of each line of `gold`, whether it comes back in the output lines `out`.

    Whole lines are aligned first; between two lines that came back whole, single words are.
    """
    stays: list[Sequence[bool]] = [()] * len(gold.words)
    partner = _aligned(gold.words, out)
    gap: list[int] = []
    at = 0
    for number in range(len(gold.words) + 1):
        end = partner[number] if number < len(gold.words) else len(out)
        if end < 0:
            gap.append(number)
            continue
        source = [word for inner in gap for word in gold.words[inner]]
        found = iter(_aligned(source, [word for line in out[at:end] for word in line]))
        for inner in gap:
            stays[inner] = [next(found) >= 0 for _ in gold.words[inner]]
        gap = []
        at = end + 1
        if number < len(gold.words):
            stays[number] = (True,) * len(gold.words[number])
    _favour_the_article(gold, stays)
    return stays


def _aligned(source: Sequence[object], output: Sequence[object]) -> list[int]:
    """For each item of `source` the place of its partner in `output`, -1 where it has none."""
    partner = [-1] * len(source)
    if not source or not output:
        return partner
    numbers: dict[object, int] = {}
    a = [numbers.setdefault(item, len(numbers)) for item in source]
    b = [numbers.setdefault(item, len(numbers)) for item in output]
    for step in Indel.opcodes(a, b):
        if step.tag == "equal":
            partner[step.src_start : step.src_end] = range(step.dest_start, step.dest_end)
    return partner


def _favour_the_article(gold: Gold, stays: list[Sequence[bool]]) -> None:
    """Of equal lines of which one is article and one residue, let those that came back be the article's: the
    output does not say which copy a tool kept."""
    twins: dict[Line, list[int]] = defaultdict(list)
    for number, line in enumerate(gold.words):
        if line and len(set(stays[number])) == 1:
            twins[line].append(number)
    for numbers in twins.values():
        if len({gold.keep[number] for number in numbers}) == 2:
            left = sum(all(stays[number]) for number in numbers)
            for rank, number in enumerate(sorted(numbers, key=lambda number: not gold.keep[number])):
                stays[number] = (rank < left,) * len(stays[number])


# --------------------------------------------------------------------------------------------- many documents


@dataclass(frozen=True, slots=True)
class Cell:
    """The scores of a group of documents, or of one class of residue. None where there is nothing to divide by."""

    docs: int
    residue: int             #: words
    removed: float | None    #: share of them that is gone, 4 decimals
    good: int = 0            #: words
    lost: int | None = None  #: of them gone, per million
    precision: float | None = None   #: share of the gone words that were residue, 4 decimals
    f1: float | None = None  #: body F1, 4 decimals
    spared: float | None = None   #: share of the documents without residue that came back whole, 4 decimals


def cell(counts: Sequence[Counts]) -> Cell:
    """Return the scores over the documents of `counts`."""
    good, lost, residue, removed = (
        sum(getattr(one, name) for one in counts) for name in ("good", "lost", "residue", "removed")
    )
    precisions = [one.precision for one in counts if one.precision is not None]
    recalls = [one.recall for one in counts if one.recall is not None]
    spared = [one.spared for one in counts if one.spared is not None]
    p = mean(precisions) if precisions else 0.0
    r = mean(recalls) if recalls else 0.0
    return Cell(
        docs=len(counts),
        residue=residue,
        removed=round(removed / residue, 4) if residue else None,
        good=good,
        lost=round(1e6 * lost / good) if good else None,
        precision=round(removed / (removed + lost), 4) if removed + lost else None,
        f1=round(2 * p * r / (p + r), 4) if p and r else None,
        spared=round(mean(spared), 4) if spared else None,
    )


def cells(name: str, counts: Sequence[Counts], least: int = 1) -> dict[str, Cell]:
    """Return the scores of set `name` as a whole, by class of residue and by language.

    The keys are paths: "residue", "residue/class/nav", "residue/lang/de". Languages with fewer than `least`
    documents are taken together as "residue/lang/other".
    """
    table = {name: cell(counts)}
    classes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in counts:
        for family, residue, removed in one.classes:
            classes[family].append((residue, removed))
    for family, found in sorted(classes.items()):
        residue, removed = map(sum, zip(*found, strict=True))
        if residue:
            table[f"{name}/class/{family}"] = Cell(len(found), residue, round(removed / residue, 4))
    number = Counter(one.lang for one in counts)
    groups: dict[str, list[Counts]] = defaultdict(list)
    for one in counts:
        groups[one.lang if one.lang and number[one.lang] >= least else "other"].append(one)
    if len(groups) > 1:
        table |= {f"{name}/lang/{lang}": cell(group) for lang, group in sorted(groups.items())}
    return table
