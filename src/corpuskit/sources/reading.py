"""Files to documents: the one function behind which every format stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from corpuskit.errors import ConfigError
from corpuskit.model import Candidate, Document, Quarantined
from corpuskit.sources.archives import members
from corpuskit.sources.declared import Source, Sources
from corpuskit.sources.decoding import Trouble, known_encoding
from corpuskit.sources.delimited import read_csv, read_tsv
from corpuskit.sources.discovery import FORMATS, InputFile, opened
from corpuskit.sources.docx import read_docx
from corpuskit.sources.epub import read_epub
from corpuskit.sources.html import read_html
from corpuskit.sources.identity import derive_id, site_of
from corpuskit.sources.json_file import read_json
from corpuskit.sources.json_lines import read_json_lines
from corpuskit.sources.options import Options
from corpuskit.sources.parquet import read_arrow, read_parquet
from corpuskit.sources.pdf import read_pdf
from corpuskit.sources.plain import read_markdown, read_text
from corpuskit.sources.rows import Record, one_line
from corpuskit.sources.streams import Entry
from corpuskit.sources.warc import read_warc
from corpuskit.storage import Remote

__all__ = ["READERS", "read"]

Reader = Callable[[Entry, Options], Iterator[Record | Quarantined]]


def _read_archive(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    for member in members(entry, options):
        if isinstance(member, Quarantined):
            yield member
        elif member.format in READERS:
            yield from READERS[member.format](member, options)
        else:
            yield member.quarantine(_REFUSED["unknown"], base=-1)


READERS: dict[str, Reader] = {
    "text": read_text,
    "markdown": read_markdown,
    "jsonl": read_json_lines,
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
    "arrow": read_arrow,
    "html": read_html,
    "json": read_json,
    "warc": read_warc,
    "epub": read_epub,
    "docx": read_docx,
    "pdf": read_pdf,
    "zip": _read_archive,
    "tar": _read_archive,
}

_REFUSED = {
    "unknown": Trouble(
        "unknown-format",
        -1,
        "The file name extension names no format that is read: " + " ".join(sorted(FORMATS)) + ".",
        'Rename it, remove it, or leave it out: [ingest] ignore = ["…"].',
    ),
    "link": Trouble("outside-link", -1, "This link leads out of the input folder.", "Put the file itself there."),
    "name": Trouble("bad-name", -1, "The file name is not UTF-8.", "Rename it."),
    "special": Trouble("special-file", -1, "This is a pipe, a device or a socket.", "Remove it."),
}


def read(root: Path | Remote, file: InputFile, declared: Sources, options: Options) -> Iterator[Document | Quarantined]:
    """Yield a `Document` or a `Quarantined` for every record of `file`, in the order of the file.

    `root` is what was given to `discover`. Memory is bounded by `options.limits`, whatever the file's size.
    Raises `ConfigError` when two declared sources claim the file or the configured encoding does not exist.
    """
    if options.encoding and not known_encoding(options.encoding):
        raise ConfigError(f"[ingest] encoding: {options.encoding!r} is no encoding; write utf-8, cp1252, shift_jis …")
    if trouble := _REFUSED.get(file.format):
        yield trouble.at(file.path, "")
        return
    source = declared.of(file.path)
    entry = Entry(
        file.path, "", file.size, lambda: opened(root, file), file.format, file.compression, part=file.part
    )
    try:
        for found in READERS[file.format](entry, options):
            yield found if isinstance(found, Quarantined) else _document(found, file.path, source)
    except OSError as error:
        why = error.strerror or str(error)
        yield Trouble("unreadable", -1, f"The file cannot be read: {why}.", "Check its rights and the disk.").at(
            file.path, ""
        )


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
    )


def _stated(source: Source) -> tuple[Candidate, ...]:
    """Return what a declared source says of all its documents; a document's own fields weigh more."""
    evidence = f"sources.toml, source {source.name!r}"
    stated = (("publisher", source.publisher), ("license", source.license), ("language", source.language))
    return tuple(
        Candidate(field, value, "given", evidence, "source", confidence=0.9) for field, value in stated if value
    )
