"""The stages alone, as filters on JSON Lines: every input column passes through, the stage adds its own.

A row that cannot be used is quarantined with its row and byte offset; the rest goes on, in the order of the input.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.cleaning import Owner, Templates, clean_batch
from corpuskit.duplicates.options import Options as DedupOptions
from corpuskit.errors import InputError, MissingError, OutputError, UsageError
from corpuskit.metadata.masking import mask, mask_fields
from corpuskit.metadata.options import Options as EnrichOptions
from corpuskit.model import Candidate, Document, Edit, Quarantined
from corpuskit.sources.decoding import Trouble
from corpuskit.sources.options import Options as IngestOptions
from corpuskit.sources.rows import kind_of
from corpuskit.tasks.columns import Columns, account_of, extracted_of, read_columns

if TYPE_CHECKING:
    from corpuskit.duplicates.stars import Standing

__all__ = ["Filtered", "Progress", "Row", "clean", "dedup", "enrich", "ingest", "refuse_again", "rows"]

_BATCH = 256
_CHARACTERS = 4 << 20  # of the texts of a batch, unless one has more
Progress = Callable[[str, int, int, int], None]


@dataclass(slots=True)
class Filtered:
    """What a filter did."""

    rows: int = 0
    held: int = 0
    read: int = 0  #: bytes of the input so far
    size: int = 0  #: bytes of the input, 0 where nobody knows (stdin, packed files)
    refused: list[Quarantined] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  #: passed over, each with the file that was read for it


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input with its text, newline-normalised, and where it stands."""

    number: int
    offset: int
    columns: Columns
    text: str


@contextmanager
def _output(path: Path) -> Iterator[IO[bytes]]:
    """Open the output; a file appears under its name only when it is complete."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    waiting = path.with_name(path.name + f".{os.getpid()}.tmp")
    try:
        try:
            with waiting.open("wb") as stream:
                yield stream
            os.replace(waiting, path)
        finally:
            waiting.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _lines(path: Path, result: Filtered) -> Iterator[tuple[int, int, bytes]]:
    """Yield number (from 1), byte offset and bytes of each line of a file, or of stdin for ``-``.

    Where packed data is damaged, what comes after goes to `result.refused` as one. Raises `MissingError` where there is no such
    file, `InputError` for one that cannot be read.
    """
    if path.is_dir():
        raise MissingError(f"{path}: a folder, not a file of JSON Lines; `corpuskit ingest {path}` writes one of what is in it")
    number, offset = 0, 0
    damage: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
    try:
        if str(path) == "-":
            stream: IO[bytes] = sys.stdin.buffer
        elif path.suffix == ".gz":
            stream = io.BufferedReader(gzip.open(path, "rb"))
        elif path.suffix in (".zst", ".zstd"):
            import zstandard

            damage = (zstandard.ZstdError,)
            stream = io.BufferedReader(
                zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True)
            )
        else:
            stream = path.open("rb")
        with nullcontext() if str(path) == "-" else stream:
            for number, line in enumerate(stream, 1):
                yield number, offset, line
                offset += len(line)
    except damage as error:
        message = f"The packed data breaks off or is damaged: {error}."
        remedy = "Fetch the file again; the rows before were read."
        result.refused.append(Quarantined(str(path), str(number + 1), offset, "broken-archive", message, remedy))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError(f"{path}: there is no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def refuse_again(id_: str, row: Row, seen: dict[str, int], source: Path, result: Filtered) -> bool:
    """Note in `seen` where `id_` stands; refuse `row` and return True when an earlier row of `source` has it."""
    if (first := seen.setdefault(id_, row.number)) == row.number:
        return False
    message = f"The id {id_!r} stands in row {first} already."
    result.refused.append(
        Quarantined(str(source), str(row.number), row.offset, "duplicate-id", message, "Make the ids unique.")
    )
    return True


def rows(path: Path, text_column: str, result: Filtered) -> Iterator[list[Row]]:
    """Yield the usable rows in batches; the others go to `result.refused`."""
    batch: list[Row] = []
    held = 0  # characters of it
    if path.is_file() and path.suffix not in (".gz", ".zst", ".zstd"):
        result.size = path.stat().st_size

    def refuse(number: int, offset: int, reason: str, message: str, remedy: str) -> None:
        result.refused.append(Quarantined(str(path), str(number), offset, reason, message, remedy))

    for number, offset, line in _lines(path, result):
        if not line.strip():
            continue
        result.rows += 1
        result.read = offset + len(line)
        row = read_columns(line)
        if isinstance(row, Trouble):
            refuse(number, offset + max(0, row.offset), row.reason, row.message, row.remedy)
            continue
        text = row.get(text_column)
        if not isinstance(text, str):
            what = "is missing" if text_column not in row else f"holds {kind_of(text)}, not a text"
            refuse(
                number, offset, "no-text", f"The column {text_column!r} {what}.", "Name the right one: --text-column."
            )
            continue
        if any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else False:
            refuse(
                number,
                offset,
                "surrogate",
                "The text holds half a surrogate pair.",
                "Write the row again with a JSON library.",
            )
            continue
        batch.append(Row(number, offset, row, _normalised(text)))
        held += len(text)
        if len(batch) == _BATCH or held > _CHARACTERS:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _normalised(text: str) -> str:
    r"""Return `text` with uniform CRLF or CR line breaks as ``\n``; mixed ones stay, for the ledger."""
    if "\r" not in text:
        return text
    crlf = text.count("\r\n")
    if crlf == text.count("\n") == text.count("\r"):
        return text.replace("\r\n", "\n")
    if "\n" not in text:
        return text.replace("\r", "\n")
    return text


def _dump(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def clean(
    source: Path,
    output: Path,
    *,
    progress: Progress,
    options: CleanOptions,
    text_column: str = "text",
    source_column: str = "source",
    learn: bool = False,
    kinds: tuple[str, ...] = (),
) -> Filtered:
    """Clean the texts of a JSON Lines file; adds `edits` and `status`.

    Templates of the pinned file in `options` act on the rows of their source; with `learn`, the lines that each
    source repeats are learnt from the file first. A row without a source learns and receives none. Personal data of
    `kinds` is masked; the column `edits` holds what stood there, so its output is no publication.
    Raises `UsageError` when there is nothing that can be read twice to learn from.
    """
    from corpuskit.tasks.templates import read_pinned

    result = Filtered()
    pinned = read_pinned(Path(options.templates)) if options.templates else Templates()
    templates = _learnt(source, text_column, source_column).under(pinned) if learn else pinned
    owners: list[Owner] | None = None
    with _output(output) as stream:
        for batch in rows(source, text_column, result):
            if templates.entries:
                owners = _owners(batch, text_column, source_column)
            cleaned = clean_batch([row.text for row in batch], options, owners, templates)
            if kinds:
                cleaned = [mask(row.text, one, kinds).cleaned for row, one in zip(batch, cleaned, strict=True)]
            for row, one in zip(batch, cleaned, strict=True):
                row.columns[text_column] = one.text
                row.columns["edits"] = [_edit(edit) for edit in one.ledger]
                row.columns["status"] = one.status
                if one.reason:
                    row.columns["status_reason"] = one.reason
                if one.candidates:
                    row.columns["extracted"] = [dataclasses.asdict(candidate) for candidate in one.candidates]
                result.held += one.status == "held"
                stream.write(row.columns.line())
            progress("clean", result.read, result.size, result.rows)
    return result


def _owners(batch: Sequence[Row], text_column: str, source_column: str) -> list[Owner]:
    """Return where the rows of a batch come from, with the fields in their other columns."""
    from corpuskit.sources.json_lines import Planner
    from corpuskit.sources.options import Columns as Names
    from corpuskit.sources.rows import convert

    planner = Planner(Names(text=text_column))
    found = []
    for row in batch:
        name = row.columns.get(source_column)
        if isinstance(name, str) and name:
            record = convert(row.columns, planner.of(row.columns), str(row.number), "utf-8", "given")
            found.append(Owner(name, tuple(getattr(record, "fields", ()))))
        else:
            found.append(Owner())
    return found


def _learnt(source: Path, text_column: str, source_column: str) -> Templates:
    """Learn from a whole file before its rows are cleaned."""
    import tempfile

    from corpuskit.cleaning.slots import Known, known_values
    from corpuskit.tasks.templates import learn_from

    if not source.is_file():
        why = "cannot be read twice; give a file" if str(source) == "-" or source.exists() else "there is no such file"
        raise UsageError(f"--learn-templates: {source}: {why}")
    read = Filtered()

    def batches() -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[Known]]]:
        for batch in rows(source, text_column, read):
            owners = _owners(batch, text_column, source_column)
            known = [known_values(one.source, one.given) for one in owners]
            yield [row.text for row in batch], [one.source for one in owners], known

    with tempfile.TemporaryDirectory(prefix="corpuskit-") as folder:
        return learn_from(batches(), Path(folder))


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "start": edit.start,
        "end": edit.end,
        "removed": edit.removed,
        "inserted": edit.inserted,
        "rule": edit.rule,
        "confidence": edit.confidence,
        "evidence": edit.evidence,
    }


def enrich(
    source: Path,
    output: Path,
    *,
    progress: Progress,
    options: EnrichOptions,
    text_column: str = "text",
    kinds: tuple[str, ...] = (),
) -> Filtered:
    """Add fields to the rows of a JSON Lines file, where they have no column of that name with a value yet.

    Personal data of `kinds` is masked in what is added.
    """
    from corpuskit.metadata import Request, enrich_batch
    from corpuskit.sources.json_lines import Planner
    from corpuskit.sources.options import Columns as Names
    from corpuskit.sources.rows import convert

    result = Filtered()
    planner = Planner(Names(text=text_column))
    with _output(output) as stream:
        for batch in rows(source, text_column, result):
            requests = []
            known = []
            for row in batch:
                account = account_of(row.text, row.columns)
                if isinstance(account, Trouble):
                    result.refused.append(account.at(str(source), str(row.number), row.offset))
                    continue
                record = convert(row.columns, planner.of(row.columns), str(row.number), "utf-8", "given")
                given = record.fields if hasattr(record, "fields") else ()
                extracted = extracted_of(row.columns)
                if extracted:
                    del row.columns["extracted"]
                known.append(row)
                requests.append(Request(account.raw, row.text, account.ledger, (*given, *extracted)))
            for row, found in zip(known, enrich_batch(requests, options), strict=True):
                for name, value in _fields(mask_fields(found, kinds) if kinds else found).items():
                    if row.columns.get(name) in (None, "", []):
                        row.columns[name] = value
                stream.write(row.columns.line())
            progress("enrich", result.read, result.size, result.rows)
    return result


def _fields(found: Any) -> dict[str, Any]:
    chosen = set(found.chosen)
    return {
        "title": found.title,
        "authors": [person.name for person in found.authors],
        "editors": [person.name for person in found.editors],
        "image_credits": list(found.image_credits),
        "date_published": found.date_published,
        "date_modified": found.date_modified,
        "language": found.language,
        "language_confidence": found.language_confidence if found.language else None,
        "license": found.license,
        "url": found.url,
        "publisher": found.publisher,
        "words": found.signals.words,
        "sentences": found.signals.sentences,
        "evidence": [
            {**dataclasses.asdict(one), "chosen": number in chosen} for number, one in enumerate(found.candidates)
        ],
    }


def dedup(
    source: Path, output: Path, *, progress: Progress, options: DedupOptions, text_column: str = "text"
) -> Filtered:
    """Write one row per cluster of copies: {cluster, kept, members, kind}; the kept one is among the members.

    A cluster around a text of a release in `options.against` has `kept_release`, one around an entry of the takedown list
    the kind "withdrawn" and nothing that is kept. Paths in `options` are taken as they are.
    """
    from corpuskit.duplicates.dedup import dedup as find
    from corpuskit.duplicates.stars import Standing

    result = Filtered()
    texts: list[str] = []
    standings: list[Standing] = []
    seen: dict[str, int] = {}
    for batch in rows(source, text_column, result):
        for row in batch:
            id_ = str(row.columns.get("id") or f"row-{row.number}")
            if broken := _broken_id(id_):
                result.refused.append(broken.at(str(source), str(row.number), row.offset))
                continue
            if refuse_again(id_, row, seen, source, result):
                continue
            if row.columns.get("status") == "held" or not row.text.strip():
                continue
            known = sum(
                bool(row.columns.get(name))
                for name in ("title", "authors", "date_published", "url", "language", "license")
            )
            date = row.columns.get("date_published")
            texts.append(row.text)
            standings.append(Standing(id_, fields=known, date=date if isinstance(date, str) else ""))
        progress("dedup", result.read, result.size, result.rows)
    releases = _add_before(texts, standings, options)
    clusters: dict[str, list[Any]] = {}
    for copy in find(texts, standings, options).copies:
        clusters.setdefault(copy.kept, []).append(copy)
    withdrawn = {one.id for one in standings if one.state == "withdrawn"}
    with _output(output) as stream:
        for kept in sorted({*clusters, *(withdrawn & set(seen))}):
            copies = [copy for copy in clusters.get(kept, ()) if copy.id in seen]
            members = sorted(copy.id for copy in copies)
            said: dict[str, Any] = {"cluster": kept, "kept": kept, "members": [kept, *members]}
            if kept in withdrawn:
                said.update(kept=None, members=[*([kept] if kept in seen else []), *members], kind="withdrawn")
            else:
                kinds = {copy.edge.kind for copy in copies}
                said["kind"] = next(name for name in ("contained", "near", "exact") if name in kinds)
            if also := {copy.id: copy.also for copy in copies if copy.also}:
                said["also"] = dict(sorted(also.items()))
            if kept in releases:
                said["kept_release"] = releases[kept]
            if said["members"]:
                stream.write(_dump(said))
    return result


def _broken_id(id_: str) -> Trouble | None:
    """Say what is wrong with an id that cannot be written."""
    try:
        id_.encode()
    except UnicodeEncodeError:
        return Trouble("lone-surrogate", 0, "The id holds half of a surrogate pair, which is no character.", "Give it another.")
    return None


def _add_before(texts: list[str], standings: list[Standing], options: DedupOptions) -> dict[str, str]:
    """Add the releases and the takedown list that `options` name; return the release of each text added from one."""
    from corpuskit.dataset.earlier import earlier
    from corpuskit.dataset.earlier import rows as published
    from corpuskit.duplicates.stars import Standing
    from corpuskit.sources.takedown import read_takedown

    listed = read_takedown(Path(options.takedown)) if options.takedown else ()
    out = {one.id for one in listed}
    at = {one.id: number for number, one in enumerate(standings)}
    for id_ in sorted(out & set(at)):
        standings[at[id_]] = dataclasses.replace(standings[at[id_]], state="withdrawn")
    labels: dict[str, str] = {}
    for release in (earlier(Path(folder)) for folder in options.against):
        for _, batch in published(release, ["id", "text"]):
            for id_, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if id_ in at:
                    if options.keep_release and standings[at[id_]].state == "new":
                        standings[at[id_]] = dataclasses.replace(standings[at[id_]], state="released")
                elif id_ not in labels:
                    labels[id_] = release.label
                    texts.append(text)
                    standings.append(Standing(id_, state="withdrawn" if id_ in out else "released"))
    for one in listed:
        if one.text:
            texts.append(one.text)
            standings.append(Standing(one.place, state="withdrawn"))
    return labels


def ingest(source: Path, output: Path, *, progress: Progress, options: IngestOptions) -> Filtered:
    """Write the documents of a folder or file as JSON Lines: id, source, path, record, encoding, text, what was given, and the
    further columns that `options.columns.extra` keeps, where none of the former has their name.
    """
    from corpuskit.sources import discover, load_sources, read

    result = Filtered()
    declared = load_sources((source if source.is_dir() else source.parent) / "sources.toml")
    with _output(output) as stream:
        files = discover(source, options)
        result.links += [(file.path, file.same_as) for file in files if file.same_as]
        for number, file in enumerate(files, 1):
            for found in read(source, file, declared, options):
                result.rows += 1
                if isinstance(found, Document):
                    stream.write(_document(found).line())
                else:
                    result.refused.append(found)
            progress("ingest", number, len(files), result.rows)
    return result


def _document(one: Document) -> Columns:
    columns = Columns(
        {
            "id": one.id,
            "source": one.source,
            **{name: getattr(one.provenance, name) for name in ("path", "record", "encoding", "bytes_sha256")},
            **_given(one.given),
            "text": one.text,
        },
        {},
    )
    if one.extra and isinstance(further := read_columns(one.extra.encode()), Columns):
        columns.take(further)
    return columns


def _given(candidates: Sequence[Candidate]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in candidates:
        if one.field == "author":
            found.setdefault("authors", []).append(one.value)
        else:
            found.setdefault(one.field, one.value)
    return found
