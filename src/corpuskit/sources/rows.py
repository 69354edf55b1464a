"""Rows to records: which column is what, and what a row lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpuskit.errors import nearest
from corpuskit.model import Candidate
from corpuskit.patterns import without_escapes
from corpuskit.sources.decoding import Decoded, Trouble, accept, escape
from corpuskit.sources.further_columns import left_over
from corpuskit.sources.options import Columns

__all__ = ["GUESSES", "Plan", "Record", "convert", "kind_of", "one_line", "plan", "text_names"]

#: Well-known names, best first, for each option of `Columns` and the metadata field it fills. Names are compared
#: in lower case with ``_`` for blanks, hyphens and dots. An id is never guessed from anything but "id".
GUESSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "id": ("id", ("id",)),
    "text": ("text", ("text", "content", "body", "article", "raw_text", "raw_content", "article_body", "articlebody",
                      "article_text", "full_text", "fulltext", "maintext", "main_text", "essay", "document")),
    "url": ("url", ("url", "link", "source_url", "canonical_url", "page_url", "article_url")),
    "source": ("source", ("source", "site", "source_name", "website", "domain", "source_domain")),
    "publisher": ("publisher", ("publisher", "publication", "site_name", "outlet")),
    "title": ("title", ("title", "headline", "article_title")),
    "authors": ("author", ("author", "authors", "byline", "creator", "writer", "author_name")),
    "editors": ("editor", ("editor", "editors", "edited_by")),
    "image_credits": ("image_credit", ("image_credit", "image_credits", "photo_credit", "photo_credits")),
    "date": ("date_published", ("date", "published", "date_published", "publish_date", "published_date",
                                "published_at", "publication_date", "pub_date", "pubdate", "datepublished",
                                "date_publish", "published_time")),
    "date_modified": ("date_modified", ("date_modified", "modified", "modified_at", "updated", "updated_at",
                                        "last_modified", "datemodified", "date_modify")),
    "language": ("language", ("language", "lang", "inlanguage")),
    "license": ("license", ("license", "licence", "rights")),
    "series": ("series", ("series", "series_title", "series_name")),
}  # fmt: skip

_NESTED = ("metadata", "meta")  # objects that a guess also looks into, as Dolma and many crawlers write them
_MAX_LENGTH = 10_000  # characters: a title as long as a text is a text in the wrong column
_MAX_VALUES = 200  # candidates of one field and row: a list of 10,000 "authors" is not one


@dataclass(frozen=True, slots=True)
class Record:
    """One text and its fields as a format found them, before it has an id and a source."""

    record: str  #: record key
    decoded: Decoded
    id: str = ""  #: as given, or empty
    source: str = ""  #: as given
    url: str = ""
    fields: tuple[Candidate, ...] = ()
    extra: str = ""  #: columns that no field takes, as a JSON object


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns to look into: per option of `Columns`, the names in order; dotted ones reach inside."""

    names: tuple[tuple[str, tuple[str, ...]], ...]
    configured: frozenset[str]
    extra: str = ""  #: of the columns that no field takes: "" keeps all, "-" none, a name that one

    def of(self, option: str) -> tuple[str, ...]:
        """Return the column names of one option, best first."""
        return next((names for name, names in self.names if name == option), ())


def _folded(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_").replace(".", "_")


def text_names() -> str:
    """Return the well-known names of the text column, for messages."""
    return ", ".join(GUESSES["text"][1][:5])


def plan(columns: Columns, present: Sequence[str], inside: Mapping[str, Sequence[str]]) -> Plan:
    """Decide which of the columns `present` (and keys `inside` nested objects) are read as what.

    A configured name stands alone, present or not; a guess takes all well-known names present, best first,
    plain columns before nested ones.
    """
    folded: dict[str, list[str]] = {}
    for name in present:
        folded.setdefault(_folded(name), []).append(name)
    for outer in _NESTED:
        for name in inside.get(outer, ()):
            folded.setdefault(_folded(name), []).append(f"{outer}.{name}")
    names: list[tuple[str, tuple[str, ...]]] = []
    configured: list[str] = []
    for option, (_, known) in GUESSES.items():
        chosen = getattr(columns, option)
        if chosen == "-":
            continue
        if chosen:
            configured.append(option)
            names.append((option, (chosen,)))
        elif guessed := [name for word in known for name in folded.get(word, ())]:
            if option in ("id", "text"):  # identity and text have one home; an id inside `meta` is another's
                guessed = [name for name in guessed if "." not in name or name in present][:1]
            names.append((option, tuple(guessed)))
    return Plan(tuple(names), frozenset(configured), columns.extra)


def _look(row: Mapping[str, object], name: str) -> object:
    if name in row:
        return row[name]
    value: object = row
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


_KINDS = {
    bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a text",
    type(None): "null",
}  # fmt: skip


def kind_of(value: object) -> str:
    """Return what a value of a row is to a person: "a number", "null" …"""
    return _KINDS.get(type(value), type(value).__name__)


def convert(row: Mapping[str, object], chosen: Plan, record: str, encoding: str, origin: str) -> Record | Trouble:
    """Return the record that `row` holds, or why it holds none.

    `encoding` and `origin` say how the row was decoded. Law 0 holds for the text value of the row: `bytes_sha256` is
    of that value in `encoding`, or in UTF-8 where `encoding` cannot spell it (a JSON escape in a Latin-1 file).
    """
    names = chosen.of("text")
    if not names:
        return Trouble(
            "no-text",
            0,
            f"No column holds the text; the row has: {_listed(row)}.",
            f'Name it: [ingest.columns] text = "…"; the names tried are {text_names()} and the like.',
        )
    value = _look(row, names[0])
    if value is None:
        missing = names[0] not in row and "text" in chosen.configured
        why = (
            f"has no column {names[0]!r}{nearest(names[0], list(row)[:100])}"
            if missing
            else f"has null in column {names[0]!r}"
        )
        return Trouble("no-text", 0, f"The row {why}.", "Give the row a text, or name the right column.")
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError as error:
            return _not_utf8(names[0], error)
    if not isinstance(value, str):
        return Trouble(
            "wrong-type",
            0,
            f"Column {names[0]!r} holds {kind_of(value)}, not text.",
            "Name the right column, or fix the row.",
        )
    try:
        try:
            data = value.encode(encoding)
        except UnicodeEncodeError:
            encoding = "utf-8"
            data = value.encode("utf-8")
        fields = tuple(_candidates(row, chosen))
        stated = tuple(_first(row, chosen, option) for option in ("id", "source", "url"))
        for candidate in fields:
            candidate.value.encode("utf-8")
        "".join(stated).encode("utf-8")
    except UnicodeEncodeError as error:
        return Trouble(
            "lone-surrogate",
            0,
            "The row holds half of a surrogate pair, which is no character.",
            "Write the row again with a JSON library; such text was usually cut in the middle of an emoji.",
            escape(error.object[max(0, error.start - 20) : error.start + 20]),
        )
    decoded = accept(value, data, encoding, origin, 1.0)
    if isinstance(decoded, Trouble):
        return decoded
    given, source, url = stated
    if problem := _bad_id(given, "id" in chosen.configured):
        return problem
    return Record(record, decoded, given, one_line(source), url, fields, _extra(row, chosen))


def _not_utf8(name: str, error: UnicodeDecodeError) -> Trouble:
    return Trouble(
        "undecodable",
        -1,
        f"Column {name!r} is not UTF-8 at byte {error.start} of the value.",
        "Write the row again in UTF-8.",
        escape(error.object[error.start : error.start + 60]),
    )


def _bad_id(given: str, required: bool) -> Trouble | None:
    if required and not given:
        return Trouble("no-id", -1, "The row has no id in the column named for it.", "Give every row an id.")
    if len(given) > 256 or any(c < " " or c == "\x7f" for c in given):
        return Trouble(
            "bad-id", -1, "The id is longer than 256 characters or holds control characters.",
            'Fix the id, or leave the column out: [ingest.columns] id = "-".', escape(given),
        )  # fmt: skip
    return None


def _listed(row: Mapping[str, object]) -> str:
    names = [repr(escape(str(name))[:40]) for name in list(row)[:8]]
    return (", ".join(names) + (", …" if len(row) > 8 else "")) or "nothing"


def _first(row: Mapping[str, object], chosen: Plan, option: str) -> str:
    """Return the first non-empty value of the option's columns, as one stripped string; an id with all that is in it."""
    for name in chosen.of(option):
        for value in _values(_look(row, name), exact=option == "id"):
            return value
    return ""


def _candidates(row: Mapping[str, object], chosen: Plan) -> Iterator[Candidate]:
    for option, names in chosen.names:
        if option in ("id", "text", "source"):
            continue
        field = GUESSES[option][0]
        for name in names:
            for value in _values(_look(row, name)):
                yield Candidate(field, value, "given", f"column {name!r}", "column")


def _extra(row: Mapping[str, object], chosen: Plan) -> str:
    """Return what is left of `row`: columns that no field is read from, or that hold no value for theirs."""
    if chosen.extra == "-":
        return ""
    taken: set[str] = set()
    for option, names in chosen.names:
        said = [name for name in names if option == "text" or any(True for _ in _values(_look(row, name)))]
        taken.update(said[:1] if option == "source" else said)
    if chosen.extra:
        row = {chosen.extra: _look(row, chosen.extra)}
    return left_over(row, frozenset(taken), _MAX_LENGTH)


def one_line(source: str) -> str:
    """Return a source's name on one line, without control characters: it stands in tables, messages and folders."""
    return " ".join("".join(c if c.isprintable() else " " for c in source[:200]).split())


def _values(value: object, exact: bool = False) -> Iterator[str]:
    """Yield the strings in `value`: itself, items of a list, the names of objects; if not `exact`, as a terminal shows them."""
    for item in value[:_MAX_VALUES] if isinstance(value, list | tuple) else (value,):
        if isinstance(item, Mapping):  # {"name": "…"}, as JSON-LD and news services write people and sources
            item = item.get("name")
        if isinstance(item, str):
            item = (item if exact else without_escapes(item)).strip()
            if 0 < len(item) <= _MAX_LENGTH:
                yield item
        elif isinstance(item, dt.date):  # datetime too
            yield item.isoformat()
        elif isinstance(item, int) and not isinstance(item, bool):
            yield str(item)
