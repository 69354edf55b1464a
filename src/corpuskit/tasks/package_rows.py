"""Package alone: rows of JSON Lines that are cleaned and enriched already become a dataset folder.

A row has a text, and may have `edits` (as `corpuskit clean` writes them), `status`, and fields under well-known names.
Columns that no field takes are kept, as JSON, in `extra_json`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from corpuskit import schemas
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.earlier import earlier
from corpuskit.dataset.folder import Place
from corpuskit.dataset.options import Options
from corpuskit.duplicates.splits import SplitOptions
from corpuskit.metadata import Options as EnrichOptions
from corpuskit.metadata import Request, enrich_batch
from corpuskit.metadata.expressions import parse
from corpuskit.metadata.masking import private_spans
from corpuskit.metadata.options import PiiOptions
from corpuskit.model import Cleaned, Document, Provenance, Status
from corpuskit.sources import Columns, Sources
from corpuskit.sources.decoding import Trouble
from corpuskit.sources.identity import derive_id
from corpuskit.sources.json_lines import Planner
from corpuskit.sources.rows import convert
from corpuskit.tasks import shards
from corpuskit.tasks.columns import account_of
from corpuskit.tasks.enrich import enriched_batch
from corpuskit.tasks.fates import FatesOptions, fates_batch
from corpuskit.tasks.filters import Filtered, Progress, refuse_again, rows
from corpuskit.tasks.package import Packaged, Shards
from corpuskit.tasks.package import package as write_dataset

__all__ = ["package"]

#: Columns that corpuskit's own filters add, beside those of fields.
_ADDED = {
    "edits", "status", "status_reason", "extracted", "evidence", "language_confidence", "words", "sentences", "path",
    "record", "encoding", "bytes_sha256",
}  # fmt: skip

_PARTS = ("documents", "cleaned", "enriched")


def package(
    source: Path,
    where: Place,
    *,
    progress: Progress,
    options: Options,
    enrich: EnrichOptions,
    pii: PiiOptions,
    fates: FatesOptions,
    card: CardFile,
    tool: str,
    text_column: str = "text",
    split: SplitOptions | None = None,
    against: Sequence[Path] = (),
) -> tuple[Filtered, Packaged]:
    """Write, verify and publish the dataset of the rows of `source`; no text is changed and nothing is merged.

    Rows keep the splits that the releases `against` have for their ids.

    What `corpuskit clean` has masked stays out of the published ledger and fields.

    The conditions of `fates` drop rows, by the columns as they are here.
    """
    result = Filtered()
    where.workshop.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where.workshop) as name:
        scratch = Path(name)
        made = _shards(source, scratch, result, progress, enrich, pii, fates, text_column)
        releases = [earlier(folder) for folder in against]
        done = write_dataset(made, where, options, Sources(), card, (), tool, scratch, releases, split)
    return result, done


def _shards(
    source: Path,
    scratch: Path,
    result: Filtered,
    progress: Progress,
    enrich: EnrichOptions,
    pii: PiiOptions,
    fates: FatesOptions,
    text_column: str,
) -> Shards:
    """Write the rows as the stages would have, sorted by (source, id)."""
    kept: list[tuple[pa.RecordBatch, ...]] = []
    planner = Planner(Columns(text=text_column))
    seen: dict[str, int] = {}
    for batch in rows(source, text_column, result):
        for row in batch:
            own = {name: value for name, value in row.columns.items() if name not in _ADDED}
            record = convert(own, planner.of(own), str(row.number), "utf-8", "given")
            account = account_of(row.text, row.columns)
            if isinstance(record, Trouble) or isinstance(account, Trouble):
                wrong = next(one for one in (record, account) if isinstance(one, Trouble))
                result.refused.append(wrong.at(str(source), str(row.number), row.offset))
                continue
            name = str(row.columns.get("source") or "")
            id_ = record.id or derive_id(name, source.name, str(row.number))
            if refuse_again(id_, row, seen, source, result):
                continue
            raw, ledger = account.raw, account.ledger
            digest = hashlib.sha256(raw.encode()).hexdigest()
            document = Document(
                id_,
                name,
                raw,
                Provenance(source.name, str(row.number), bytes_sha256=digest),
                record.fields,
                row.columns.exactly(record.extra),
            )
            status: Status = "held" if row.columns.get("status") == "held" or not row.text.strip() else "clean"
            cleaned = Cleaned(row.text, ledger, status=status, reason=_reason(row.columns.get("status_reason")))
            masked = any(edit.rule.startswith("pii.") for edit in ledger)
            told = replace(pii, action="mask") if masked else pii
            hidden = told.masked
            found = enrich_batch([Request(raw, row.text, ledger, record.fields)], enrich)
            kept.append(
                (
                    schemas.documents_batch([document]),
                    schemas.cleaned_batch([id_], [cleaned], [private_spans(raw, ledger, hidden)] if hidden else ()),
                    enriched_batch([document], [cleaned], found, pii=told),
                )
            )
        progress("package", result.read, result.size, result.rows)
    kept.sort(key=lambda one: tuple(one[0].column(name)[0].as_py() for name in ("source", "id")))
    conditions = [parse(text) for text in fates.filter.drop]
    for name, schema in (("documents", schemas.DOCUMENTS), ("cleaned", schemas.CLEANED), ("enriched", schemas.ENRICHED)):
        place = scratch / f"{name}.parquet"
        shards.write(place, schema, _batched([one[_PARTS.index(name)] for one in kept]))
    beside = [list(shards.batches(scratch / f"{name}.parquet")) for name in _PARTS]
    settled = [
        fates_batch(raw, clean, rich, fates, conditions) for raw, clean, rich in zip(*beside, strict=True)
    ]
    shards.write(scratch / "fates.parquet", schemas.FATES, settled)
    refused = [replace(row, path=source.name) for row in result.refused]  # where it lies here is nobody's business
    shards.write(scratch / "refused.parquet", schemas.QUARANTINE, [schemas.quarantine_batch(refused)])
    shards.write(scratch / "stars.parquet", schemas.STARS, [])
    result.held = sum(fate == "held" for batch in settled for fate in batch.column("fate").to_pylist())

    def one(name: str) -> tuple[Path]:
        return (scratch / f"{name}.parquet",)

    return Shards(
        one("documents"), one("cleaned"), one("enriched"), one("fates"), (), scratch / "stars.parquet", refused=one("refused")
    )


def _reason(said: object) -> str:
    """Why a row is held, as `corpuskit clean` wrote it; half of a surrogate pair cannot be written."""
    return said.encode("utf-8", "replace").decode() if isinstance(said, str) and said else "given"


def _batched(parts: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(parts), shards.ROWS):
        table = pa.Table.from_batches(parts[start : start + shards.ROWS]).combine_chunks()
        yield from table.to_batches()
