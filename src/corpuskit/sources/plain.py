"""Text and Markdown files: one file, one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from corpuskit.model import Quarantined
from corpuskit.patterns import without_escapes
from corpuskit.sources.decoding import Decoded, Trouble, accept, decode
from corpuskit.sources.options import Columns, Options
from corpuskit.sources.rows import Record, convert, plan
from corpuskit.sources.streams import BrokenError, Entry, read_whole

__all__ = ["read_markdown", "read_text"]

_FRONT_MATTER_BYTES = 64 << 10
_YAML_END = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_TOML_END = re.compile(r"^\+\+\+[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


def read_text(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a text file."""
    try:
        found = decode(read_whole(entry, options.limits), options.encoding)
    except BrokenError as error:
        found = error.trouble
    yield entry.quarantine(found) if isinstance(found, Trouble) else Record(entry.member, found)


def read_markdown(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a Markdown file; YAML or TOML front matter becomes given fields.

    Front matter is the wrapper of the text, not text: the raw text begins behind it, and the bytes of law 0 are
    those of the raw text. What does not parse as a table of values is text and stays.
    """
    for found in read_text(entry, options):
        if isinstance(found, Record) and (split := _front_matter(found.decoded.text)):
            fields, body = split
            yield _with_fields(entry, found.decoded, fields, body, options.columns)
        else:
            yield found


def _front_matter(text: str) -> tuple[dict[str, Any], str] | None:
    """Return the table at the head of `text` and what stands behind it."""
    first = text[:4]
    if first == "---\n":
        end, parse = _YAML_END.search(text, 4, _FRONT_MATTER_BYTES), _yaml
    elif first == "+++\n":
        end, parse = _TOML_END.search(text, 4, _FRONT_MATTER_BYTES), _toml
    else:
        return None
    fields = parse(without_escapes(text[4 : end.start()])) if end else None  # neither of the two languages allows ESC
    return (fields, text[end.end() :]) if end and fields else None


def _yaml(text: str) -> dict[str, Any] | None:
    import yaml

    try:
        table = yaml.load(text, Loader=_loader())  # noqa: S506  # safe: it makes no objects
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return table if isinstance(table, dict) and all(isinstance(key, str) for key in table) else None


@cache
def _loader() -> Any:
    """Return the class of a loader that makes strings, lists, tables and null only: no dates, no numbers, no objects."""
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    null, text = "tag:yaml.org,2002:null", "tag:yaml.org,2002:str"

    class Loader(base):  # type: ignore[misc]  # in C where there is one
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            for key, _ in node.value:
                if key.tag == null:
                    key.tag = text  # a key is a name, whatever it says
            return super().construct_mapping(node, deep)

    Loader.add_implicit_resolver(null, re.compile(r"(?:~|null|Null|NULL)\Z"), ["~", "n", "N"])  # quoted, they are text
    Loader.add_constructor(null, lambda *_: None)
    return Loader


def _toml(text: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _with_fields(
    entry: Entry, whole: Decoded, fields: dict[str, Any], body: str, columns: Columns
) -> Record | Quarantined:
    row = {key: value for key, value in fields.items() if key not in ("text", "content", "body")}
    nested = {key: tuple(value) for key, value in row.items() if isinstance(value, dict)}
    chosen = plan(_without_text(columns), tuple(row), nested)
    text = body.replace("\n", {"crlf": "\r\n", "cr": "\r"}.get(whole.newline, "\n"))
    read = accept(text, text.encode(whole.encoding), whole.encoding, whole.origin, whole.confidence, lossy=whole.lossy)
    if isinstance(read, Trouble):
        return entry.quarantine(read)
    found = convert({**row, _BODY: "x"}, chosen, entry.member, "utf-8", "strict")
    if isinstance(found, Trouble):
        return entry.quarantine(found)
    return replace(found, decoded=read)


_BODY = "\x00body"


def _without_text(columns: Columns) -> Columns:
    return replace(columns, text=_BODY)
