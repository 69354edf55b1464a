"""Source templates: lines that one source repeats over many documents, as a list that a person can read and pin.

    slots.py       a line with its variable parts as slots: the key of a template
    sightings.py   where the lines of a batch of documents stand: what is counted
    learning.py    from the sightings of one source to its templates
    templates.py   the list: TOML, digest, and the lines of a document that it names

A template acts only on documents of its source, and only in the zone where it was learnt.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpuskit.cleaning.facts import Facts
from corpuskit.cleaning.slots import Known, first_word, known_values, normalise
from corpuskit.errors import ConfigError, nearest

__all__ = ["BETWEEN", "HEAD", "RULE", "TAIL", "ZONES", "Finder", "Template", "Templates", "joined", "parse", "zones_of"]

RULE = "template.any.learnt"

HEAD, BETWEEN, TAIL = 1, 2, 4  # bits of a line's zone
ZONES: dict[str, int] = {"head": HEAD, "between": BETWEEN, "tail": TAIL}

_EDGE_HEAD = 2   # filled lines at the top that are the head even when they are paragraphs
_EDGE_TAIL = 5   # and at the bottom: a standing note that is a paragraph, an advert, a share line, a legal line
_SENTENCE_WORDS = 8
_PINNED = 0.99   # confidence of a line that a person wrote into the file without one
_ROUND = (3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, slots=True, order=True)
class Template:
    """One line that a source repeats, in one zone."""

    source: str
    zone: str            #: "head", "between" or "tail"
    line: str            #: normalised, with slots
    documents: int       #: different documents of the source in which it stands in that zone
    of: int              #: different documents of the source that were looked at; 0: `documents` is rounded down
    confidence: float    #: probability that it is no part of the article, 3 decimals
    sample: str = ""     #: as it reads in one document

    @property
    def evidence(self) -> str:
        """What the ledger says about a line that this template takes."""
        where = "between paragraphs" if self.zone == "between" else f"in the {self.zone}"
        if not self.documents:
            return f"named {where} for {self.source!r}"
        count = f"{self.documents} of {self.of}" if self.of else f"at least {self.documents}"
        return f"stands {where} of {count} documents of {self.source!r}"


@dataclass(frozen=True, slots=True)
class Templates:
    """A list of templates, sorted. `sources` are those for which the list is the last word: nothing else is learnt."""

    entries: tuple[Template, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The sha256 of all that cleaning sees of the list: everything but the samples."""
        said = [[t.source, t.zone, t.line, t.documents, t.of, t.confidence] for t in self.entries]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def of(self, sources: Iterable[str]) -> Templates:
        """Return the part of the list that concerns `sources`."""
        wanted = frozenset(sources)
        return Templates(
            tuple(one for one in self.entries if one.source in wanted),
            tuple(name for name in self.sources if name in wanted),
        )

    def under(self, pinned: Templates) -> Templates:
        """Return `pinned`, and for the sources that it does not decide what stands here."""
        decided = frozenset(pinned.sources)
        learnt = tuple(one for one in self.entries if one.source not in decided)
        return Templates(tuple(sorted({*learnt, *pinned.entries})), pinned.sources)

    def coarse(self) -> Templates:
        """Return the list with its counts rounded down and without samples.

        A learnt list is applied in this form, so that one more document changes what depends on the list only when
        it changes what the list says.
        """
        return Templates(tuple(_coarse(one) for one in self.entries), self.sources)

    def to_toml(self) -> str:
        """Return the list as a TOML file that a person can read, edit and pin; the inverse of `parse`."""
        parts = [
            "# Lines that a source repeats over many documents. Delete what belongs to the texts; what is left is cut",
            "# from documents of that source, in that zone (head, between, tail) and nowhere else. Digits read 0.",
            "# For the sources named here this file is the last word: nothing further is learnt.",
            f"sources = [{', '.join(map(_quoted, self.sources))}]",
        ]
        for one in self.entries:
            parts.append("\n[[template]]")
            parts += [f"{name} = {_quoted(getattr(one, name))}" for name in ("source", "zone", "line")]
            parts += [f"documents = {one.documents}", f"of = {one.of}", f"confidence = {one.confidence:g}"]
            if one.sample:
                parts.append(f"sample = {_quoted(one.sample)}")
        return "\n".join(parts) + "\n"


def _coarse(one: Template) -> Template:
    documents = max(step for step in _ROUND if step <= max(one.documents, _ROUND[0]))
    return replace(one, documents=documents, of=0, sample="")


def _quoted(text: str) -> str:
    """Return `text` as a basic TOML string. JSON escapes the same characters, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse(text: str, where: str = "templates.toml") -> Templates:
    """Return the list that a TOML file states. Lines are normalised, so they may stand there as they read.

    Raises `ConfigError` naming `where` and the nearest known key or zone.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from error
    for key in said:
        if key not in ("sources", "template"):
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, ['sources', 'template'])}")
    names, tables = said.get("sources", []), said.get("template", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{where}: sources: a list of source names is wanted")
    if not isinstance(tables, list):
        raise ConfigError(f"{where}: template: write [[template]]")
    entries = tuple(sorted({_entry(table, f"{where}: template {n}") for n, table in enumerate(tables, 1)}))
    return Templates(entries, tuple(sorted({*names, *(one.source for one in entries)})))


_KINDS: dict[str, tuple[type, ...]] = {
    "source": (str,), "zone": (str,), "line": (str,), "sample": (str,),
    "documents": (int,), "of": (int,), "confidence": (float, int),
}  # fmt: skip


def _entry(table: Mapping[str, Any], where: str) -> Template:
    for key, value in table.items():
        if key not in _KINDS:
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, list(_KINDS))}")
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            raise ConfigError(f"{where}: {key} = {value!r}: not what is wanted there")
    for key in ("source", "zone", "line"):
        if not table.get(key):
            raise ConfigError(f"{where}: {key} is missing")
    if table["zone"] not in ZONES:
        zone = table["zone"]
        raise ConfigError(f"{where}: zone = {zone!r}: head, between or tail{nearest(zone, list(ZONES))}")
    line = normalise(table["line"], known_values(table["source"], ()))
    if not line:
        raise ConfigError(f"{where}: line: blank, or too long for a template")
    confidence = float(table.get("confidence", _PINNED))
    if not 0 < confidence <= 1:
        raise ConfigError(f"{where}: confidence = {confidence}: above 0 and at most 1")
    documents = table.get("documents", 0)
    return Template(
        table["source"], table["zone"], line, documents, table.get("of", documents), confidence, table.get("sample", "")
    )


def zones_of(facts: Facts) -> bytes:
    """Return the zone bits of each line: above the first paragraph of prose, below the last, or between.

    Where no line is long, the paragraphs are the lines that end as sentences do; where there are none either
    (verse, lists), all lines are between. The outermost lines belong to head and tail whatever they are.
    """
    filled, lines = facts.filled, facts.lines
    first, last = _ends_of(filled, lambda line: bool(facts.long[line]) and _holds_sentences(lines[line]))
    if first < 0:
        first, last = _ends_of(
            filled, lambda line: facts.words[line] >= _SENTENCE_WORDS and _ends_sentence(lines[line])
        )
    if first < 0:
        last = len(lines)
    zones = bytearray(len(lines))
    for rank, line in enumerate(filled):
        bits = 0
        if line < first or rank < _EDGE_HEAD:
            bits |= HEAD
        if line > last or rank >= len(filled) - _EDGE_TAIL:
            bits |= TAIL
        zones[line] = bits or BETWEEN
    return bytes(zones)


def _ends_of(lines: Sequence[int], is_prose: Callable[[int], bool]) -> tuple[int, int]:
    """The first and the last of `lines` that are prose, -1 where none is."""
    first = next((line for line in lines if is_prose(line)), -1)
    return first, next((line for line in reversed(lines) if is_prose(line)), -1)


def _holds_sentences(line: str) -> bool:
    """Whether a long line is prose: a menu in one line ("| Home | UK | World |") is not."""
    return any(mark in line for mark in (". ", "? ", "! ", "。", "؟", "।")) or _ends_sentence(line)


def _ends_sentence(line: str) -> bool:
    return line.rstrip(" \t\"'”’»)]」』").endswith((".", "!", "?", "…", "。", "！", "？", "؟", "।"))


class Finder:
    """A list made ready for looking lines up."""

    def __init__(self, templates: Templates) -> None:
        self._known: dict[str, dict[str, list[Template]]] = {}
        self._begins: dict[str, set[str]] = {}
        for one in templates.entries:
            self._known.setdefault(one.source, {}).setdefault(one.line, []).append(one)
            self._begins.setdefault(one.source, set()).add(first_word(one.line))

    def marks(self, facts: Facts, source: str, known: Known) -> tuple[tuple[int, float, str], ...]:
        """Return line, confidence and evidence of each line of a document that its source's templates name."""
        lines = self._known.get(source)
        if not lines or not source:
            return ()
        begins = self._begins[source]
        slots = "" in begins  # a template may begin with a slot, and so may what a known value begins
        zones = b""
        found: list[tuple[int, float, str]] = []
        for line in facts.filled:
            first = first_word(facts.lines[line])
            if first not in begins and not (slots and any(value.startswith(first) for _, value in known)):
                continue  # most lines: the whole of them need not be normalised
            for one in lines.get(normalise(facts.lines[line], known), ()):
                zones = zones or zones_of(facts)
                if zones[line] & ZONES[one.zone]:
                    found.append((line, one.confidence, one.evidence))
        best: dict[int, tuple[int, float, str]] = {}
        for mark in sorted(found, key=lambda m: (m[0], -m[1], m[2])):
            best.setdefault(mark[0], mark)
        return tuple(best.values())


def joined(lists: Sequence[Templates]) -> Templates:
    """Return one list of several that concern different sources."""
    entries = tuple(sorted(one for part in lists for one in part.entries))
    return Templates(entries, tuple(sorted({name for part in lists for name in part.sources})))
