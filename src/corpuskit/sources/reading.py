"""Files to documents: the one function behind which every format stands."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from corpuskit.errors import ConfigError
from corpuskit.model import Candidate, Document, Quarantined
from corpuskit.sources.declared import Source, Sources
from corpuskit.sources.decoding import Trouble, known_encoding
from corpuskit.sources.discovery import FORMATS, InputFile, opened
from corpuskit.sources.identity import derive_id, site_of
from corpuskit.sources.options import Options
from corpuskit.sources.rows import Record, one_line
from corpuskit.sources.streams import Entry
from corpuskit.storage import Remote

__all__ = ["read", "read_archive"]

Reader = Callable[[Entry, Options], Iterator[Record | Quarantined]]


#: Module and function of each format; a module is imported when the first such file is read.
_READERS = {
    "text": "plain:read_text",
    "markdown": "plain:read_markdown",
    "jsonl": "json_lines:read_json_lines",
    "csv": "delimited:read_csv",
    "tsv": "delimited:read_tsv",
    "parquet": "parquet:read_parquet",
    "arrow": "parquet:read_arrow",
    "html": "html:read_html",
    "json": "json_file:read_json",
    "warc": "warc:read_warc",
    "epub": "epub:read_epub",
    "docx": "docx:read_docx",
    "pdf": "pdf:read_pdf",
    "zip": "reading:read_archive",
    "tar": "reading:read_archive",
}


def _reader(name: str) -> Reader:
    module, _, function = _READERS[name].partition(":")
    found: Reader = getattr(importlib.import_module(f"corpuskit.sources.{module}"), function)
    return found


def read_archive(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the records of the files of an archive, in its order."""
    from corpuskit.sources.archives import members

    for member in members(entry, options):
        if isinstance(member, Quarantined):
            yield member
        elif member.format in _READERS:
            yield from _reader(member.format)(member, options)
        else:
            yield member.quarantine(_REFUSED["unknown"], base=-1)


_REFUSED = {
    "unknown": Trouble(
        "unknown-format",
        -1,
        "The file name extension names no format that is read: " + " ".join(sorted(FORMATS)) + ".",
        'Rename it, remove it, or leave it out: [ingest] ignore = ["…"].',
    ),
    "link": Trouble("outside-link", -1, "This link leads out of the input folder.", "Put the file itself there."),
    "loop": Trouble("link-loop", -1, "This link leads to itself.", "Remove it, or put the file itself there."),
    "name": Trouble("bad-name", -1, "The file name is not UTF-8.", "Rename it."),
    "twin": Trouble(
        "same-name",
        -1,
        "Another file has the same name in another spelling of Unicode (é as one character or two), and was read.",
        "Rename it.",
    ),
    "unreadable": Trouble(
        "unreadable",
        -1,
        "Its permissions do not let it be read, or it is a link to nothing.",
        'Mend that, and the next build reads it; or leave it out: [ingest] ignore = ["…"].',
    ),
    "special": Trouble("special-file", -1, "This is a pipe, a device or a socket.", "Remove it."),
}


def read(root: Path | Remote, file: InputFile, declared: Sources, options: Options) -> Iterator[Document | Quarantined]:
    """Yield a `Document` or a `Quarantined` for every record of `file`, in the order of the file; nothing for a link to another.

    `root` is what was given to `discover`. Memory is bounded by `options.limits`, whatever the file's size.
    Raises `ConfigError` when two declared sources claim the file or the configured encoding does not exist, `InputError`
    when the disk or the storage fails while it is read: only what is wrong with the data is quarantined.
    """
    if options.encoding and not known_encoding(options.encoding):
        raise ConfigError(f"[ingest] encoding: {options.encoding!r} is no encoding; write utf-8, cp1252, shift_jis …")
    if file.format == "again":
        return  # a link to a file that is read under its own name
    if trouble := _REFUSED.get(file.format):
        yield trouble.at(file.path, "")
        return
    source = declared.of(file.path)
    entry = Entry(
        file.path, "", file.size, lambda: opened(root, file), file.format, file.compression, part=file.part
    )
    for found in _reader(file.format)(entry, options):
        yield found if isinstance(found, Quarantined) else _document(found, file.path, source)


def _document(found: Record, path: str, declared: Source | None) -> Document:
    folder = path.split("/", 1)[0] if "/" in path else ""
    stated = (one.value for one in found.fields if (one.field, one.origin) == ("publisher", "page"))
    publisher = next((value for value in stated if "@" not in value), "")  # the name of a source is no address
    source = declared.name if declared else found.source or site_of(found.url) or one_line(publisher) or folder
    return Document(
        id=found.id or derive_id(source, path, found.record),
        source=source,
        text=found.decoded.text,
        provenance=found.decoded.provenance(path, found.record),
        given=found.fields + (_stated(declared) if declared else ()),
        extra=found.extra,
    )


def _stated(source: Source) -> tuple[Candidate, ...]:
    """Return what a declared source says of all its documents; a document's own fields weigh more."""
    evidence = f"sources.toml, source {source.name!r}"
    stated = (("publisher", source.publisher), ("license", source.license), ("language", source.language))
    return tuple(
        Candidate(field, value, "given", evidence, "source", confidence=0.9) for field, value in stated if value
    )
