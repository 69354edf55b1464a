"""The labelled sets as one table of lines, and the folds: no site and no text is ever in two of them.

The data is read in place (`CORPUSKIT_BENCH`, or `shared/bench` beside the project) and never copied.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "FOLDS", "READ", "RELABELLED", "SETS", "WRITTEN", "Labelled", "bench", "digest", "fold_numbers", "load", "site",
]  # fmt: skip

SETS = (
    "residue", "turku", "andy.traf", "andy.resi", "fundus.traf", "fundus.resi", "wcxb.traf", "wcxb.resi", "l3s.traf",
)  # fmt: skip
FOLDS = 5

#: Texts that are only learnt from, by the labels of what was read again, and where they lie. The first two are whole
#: pages as plain text, menus and all; the last has its own idea of an article, so it is learnt from both ways.
READ = {
    "trafilatura_authors": "metadata/trafilatura_authors",
    "postlight": "metadata/postlight",
    "natural": "dedup/natural.docs",
    "turku.again": "lines/turku",
}
_ABOVE, _BELOW = 6, 25  # lines of such a page around its article: about what extractors leave

#: Policy of the documents of other sets that were read again, line by line, under the main set's guide. The file
#: holds their line numbers and classes, not their texts; the gate scores them by their sets' own labels.
RELABELLED = "relabelled"
_AGAIN = Path(__file__).parent / "relabelled.jsonl"

#: Texts that were written to be learnt from, in languages and genres of which hardly a page is labelled.
WRITTEN = "written"
_WRITTEN = Path(__file__).parent / "written.jsonl.gz"

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\W_]+")
# Public suffixes of two labels, as far as the sets need them: "example.co.uk" is a site, "co.uk" is none.
_SECOND = {"co", "com", "org", "net", "gov", "gob", "edu", "ac", "or", "ne"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled document."""

    set: str  #: name of its file
    policy: str  #: whose idea of an article labelled it: its set's, or RELABELLED
    id: str
    url: str
    lang: str  #: as labelled, "" where the set does not say
    lines: tuple[str, ...]
    keep: tuple[bool, ...]
    scored: tuple[bool, ...]  #: False for a line that was labelled as ambiguous
    classes: tuple[str, ...]  #: class of a removed line, "" where unknown
    words: tuple[int, ...]  #: words of each line, counted as score.py does
    inside: tuple[int, ...]  #: of these, words of labelled spans: residue inside a kept line

    @property
    def text(self) -> str:
        """What a cleaner is given."""
        return "\n".join(self.lines)


def bench() -> Path:
    """Return the folder of labelled data; raise `FileNotFoundError` with what to do when there is none."""
    given = os.environ.get("CORPUSKIT_BENCH")
    path = Path(given) if given else Path(__file__).resolve().parents[2].parent / "shared" / "bench"
    if not (path / "lines").is_dir():
        raise FileNotFoundError(f"no labelled data in {path}: set CORPUSKIT_BENCH to the folder that holds lines/")
    return path


def _again() -> dict[tuple[str, str], tuple[dict[int, str], frozenset[int]]]:
    """Return the classes of removed lines and the ambiguous lines, counted from 1, of each document read again."""
    found = {}
    for text in _AGAIN.read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        removed = {line: name for lines, name in row["remove"].items() for line in _lines(lines)}
        found[row["set"], row["id"]] = (removed, frozenset(line for lines in row["ambig"] for line in _lines(lines)))
    return found


def _article(lines: tuple[str, ...], keep: list[bool]) -> slice:
    """Return the part of a whole page around its article."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    kept = [rank for rank, number in enumerate(filled) if keep[number]]
    return slice(filled[max(kept[0] - _ABOVE, 0)], filled[min(kept[-1] + _BELOW, len(filled) - 1)] + 1)


def _file(name: str) -> Path:
    return _WRITTEN if name == WRITTEN else bench() / f"{READ.get(name, f'lines/{name}')}.jsonl.gz"


def _lines(said: str) -> range:
    first, _, last = said.partition("-")
    return range(int(first), int(last or first) + 1)


def load(name: str) -> list[Labelled]:
    """Return the documents of one set, in file order; of `READ` those that were read."""
    documents = []
    again = _again()
    with gzip.open(_file(name), "rt", encoding="utf-8") as file:
        for text in file:
            row = json.loads(text)
            if name in READ and (name, row["id"]) not in again:
                continue
            whole_page = "lines" not in row
            if whole_page:
                row["lines"] = row["text"].split("\n")
            lines = tuple(line.replace("\n", " ") for line in row["lines"])
            spans = row.get("spans") or {}
            if (name, row["id"]) in again:
                removed, doubtful = again[name, row["id"]]
                row["keep"] = [number not in removed for number in range(1, len(lines) + 1)]
                row["cls"] = [removed.get(number, "") for number in range(1, len(lines) + 1)]
                row["ambig"] = [number in doubtful for number in range(1, len(lines) + 1)]
            if whole_page:
                inside = _article(lines, row["keep"])
                lines = lines[inside]
                row |= {key: row[key][inside] for key in ("keep", "cls", "ambig")}
            inside = [0] * len(lines)
            for number, found in spans.items():
                if row["keep"][int(number) - 1]:
                    inside[int(number) - 1] = sum(_count(span[1]) for span in found)
            documents.append(
                Labelled(
                    set=name,
                    policy=RELABELLED if name == WRITTEN or (name, row["id"]) in again else name,
                    id=row["id"],
                    url=row.get("url") or (row["domain"] if name == WRITTEN else ""),
                    lang=row.get("lang") or "",
                    lines=lines,
                    keep=tuple(map(bool, row["keep"])),
                    scored=tuple(not a for a in row.get("ambig") or [0] * len(lines)),
                    classes=tuple(row.get("cls") or [""] * len(lines)),
                    words=tuple(map(_count, lines)),
                    inside=tuple(inside),
                )
            )
    return documents


def digest() -> dict[str, str]:
    """Return the sha256 of each set's file, and of the labels of what was read again."""
    files = {name: _file(name) for name in (*SETS, *READ, WRITTEN)} | {RELABELLED: _AGAIN}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def _count(text: str) -> int:
    return len(_TOKEN.findall(unicodedata.normalize("NFKC", text).lower()))


def site(document: Labelled) -> str:
    """Return the registered domain of a document's page, or its id where it has none."""
    host = re.sub(r"^[a-z]+://", "", document.url.lower()).split("/")[0].split(":")[0]
    if not host:
        return f"{document.set.partition('.')[0]}:{document.id}"
    labels = host.split(".")
    take = 3 if len(labels) > 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-take:])


def fold_numbers(documents: list[Labelled]) -> list[int]:
    """Return a fold `0..FOLDS-1` per document: sites, and documents that share two long lines, stay together.

    Groups are dealt out largest first, each to the fold with the fewest residue words so far (its own set's
    first), so that every fold holds a fifth of each set's residue as nearly as whole groups allow.
    """
    parent = list(range(len(documents)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    by_site: dict[str, int] = {}
    by_line: dict[str, int] = {}
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for number, document in enumerate(documents):
        first = by_site.setdefault(site(document), number)
        parent[find(number)] = find(first)
        for line in {" ".join(line.lower().split()) for line in document.lines}:
            if len(line) >= 80:
                other = by_line.setdefault(line, number)
                if find(other) != find(number):
                    shared[other, number] += 1
                    if shared[other, number] >= 2:
                        parent[find(number)] = find(other)
    groups: dict[int, list[int]] = defaultdict(list)
    for number in range(len(documents)):
        groups[find(number)].append(number)

    def residue(numbers: list[int], name: str) -> int:
        return sum(
            w
            for n in numbers
            if documents[n].set == name
            for w, k in zip(documents[n].words, documents[n].keep, strict=True)
            if not k
        )

    def order(members: list[int]) -> tuple[int, str]:
        total = sum(sum(documents[n].words) for n in members)
        return -total, hashlib.sha256(site(documents[members[0]]).encode()).hexdigest()

    loads: dict[tuple[str, int], int] = defaultdict(int)
    folds = [0] * len(documents)
    for members in sorted(groups.values(), key=order):
        names = sorted({documents[n].set for n in members}, key=(*SETS, *READ, WRITTEN).index)
        target = min(range(FOLDS), key=lambda f: tuple(loads[name, f] for name in names))
        for number in members:
            folds[number] = target
        for name in names:
            loads[name, target] += residue(members, name)
    return folds
