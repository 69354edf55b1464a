"""Enrich: fields with their evidence, row for row beside the documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpuskit import schemas
from corpuskit.metadata import Metadata, Request, SourceFacts, enrich_batch
from corpuskit.metadata import Options as MetadataOptions
from corpuskit.metadata.aliases import Aliases, with_aliases
from corpuskit.metadata.masking import counts, mask_fields, mask_text
from corpuskit.metadata.options import PiiOptions
from corpuskit.metadata.pii import find
from corpuskit.model import Candidate, Cleaned, Document
from corpuskit.sources import Sources
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["EnrichOptions", "Evidence", "enrich", "enriched_batch", "source_facts"]

_COUNTED = ("title", "authors", "date_published", "url", "language", "license")


@dataclass(frozen=True, slots=True)
class EnrichOptions:
    """Options of the stage, and what is declared about sources."""

    metadata: MetadataOptions
    declared: Sources
    pii: PiiOptions = field(default_factory=PiiOptions)
    aliases: Aliases = ()  #: of authors, as a person has accepted them


@dataclass(frozen=True, slots=True)
class Evidence:
    """A candidate with the choice that was made; a row of the published column `evidence`."""

    field: str
    value: str
    origin: str
    evidence: str
    rule: str
    start: int
    end: int
    confidence: float
    chosen: bool


def enrich(job: Job) -> int:
    """In: `documents`, `cleaned`. Out: enriched.parquet."""
    options: EnrichOptions = job.options

    def rows() -> Iterator[pa.RecordBatch]:
        pairs = zip(shards.batches(job.one("documents")), shards.batches(job.one("cleaned")), strict=True)
        for (raw, clean), spared in job.steps(pairs):
            documents, cleaned = schemas.documents(raw), schemas.cleaned(clean)
            if spared:
                yield enriched_batch(documents, cleaned, [Metadata()] * len(cleaned))
                continue
            found = enrich_batch(
                [
                    Request(
                        one.text,
                        it.text,
                        it.ledger,
                        (*one.given, *it.candidates),
                        source_facts(one, options.declared),
                    )
                    for one, it in zip(documents, cleaned, strict=True)
                ],
                options.metadata,
            )
            if options.aliases:
                found = [with_aliases(one, options.aliases) for one in found]
            yield enriched_batch(documents, cleaned, found, pii=options.pii)

    return shards.write(job.out / "enriched.parquet", schemas.ENRICHED, rows())


def source_facts(document: Document, declared: Sources) -> SourceFacts | None:
    """Return what is declared about the source of `document`, or None."""
    source = declared.named(document.source)
    if source is None:
        return None
    return SourceFacts(source.name, source.url, source.publisher, source.license, source.language)


def enriched_batch(
    documents: Sequence[Document],
    cleaned: Sequence[Cleaned],
    found: Sequence[Metadata],
    extra: Sequence[str] = (),
    pii: PiiOptions = PiiOptions(),  # noqa: B008 - frozen
) -> pa.RecordBatch:
    """Return the fields of a batch as rows of ENRICHED; `extra` holds further columns as JSON, one text per row.

    Where personal data is masked, none of `pii.kinds` stands in any of them.
    """
    personal = [_personal(one, pii) for one in cleaned]
    if pii.masked:
        found = [mask_fields(one, pii.masked) for one in found]
        extra = [_mask_json(one, pii.masked) for one in extra]
    columns: list[pa.Array] = []
    rows = list(zip(documents, cleaned, found, strict=True))
    for column in schemas.ENRICHED:
        if column.name == "evidence":
            columns.append(schemas.structs(schemas.EVIDENCE, [_evidence(one) for _, _, one in rows]))
        elif column.name == "extra_json":
            columns.append(pa.array([one or None for one in extra] or [None] * len(rows), type=column.type))
        elif column.name.startswith("pii_"):
            columns.append(pa.array([one.get(column.name.removeprefix("pii_")) for one in personal], type=column.type))
        elif column.name == "contributors":
            columns.append(
                schemas.structs(schemas.PERSON, [(*m.authors, *m.editors, *m.contributors) for *_, m in rows])
            )
        else:
            columns.append(pa.array([_value(column.name, *row) for row in rows], type=column.type))
    return pa.RecordBatch.from_arrays(columns, schema=schemas.ENRICHED)


def _personal(cleaned: Cleaned, pii: PiiOptions) -> dict[str, int]:
    """How much personal data of each kind is in a text, or was before it was masked."""
    if pii.action == "off":
        return {}
    if pii.masked:
        return {kind: count for kind, count in counts(cleaned.ledger).items() if kind in pii.kinds}
    seen = [one.kind for one in find(cleaned.text, pii.kinds)]
    return {kind: seen.count(kind) for kind in pii.kinds}


def _mask_json(text: str, kinds: Sequence[str]) -> str:
    """Mask the texts in a JSON document; its keys and numbers stay."""

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return mask_text(value, kinds)
        if isinstance(value, list):
            return [masked(one) for one in value]
        return {key: masked(one) for key, one in value.items()} if isinstance(value, dict) else value

    return json.dumps(masked(json.loads(text)), ensure_ascii=False, separators=(",", ":")) if text else text


def _evidence(found: Metadata) -> list[Evidence]:
    chosen = set(found.chosen)
    return [_chosen(candidate, number in chosen) for number, candidate in enumerate(found.candidates)]


def _chosen(one: Candidate, chosen: bool) -> Evidence:
    return Evidence(
        one.field, one.value, one.origin, one.evidence, one.rule, one.start, one.end, one.confidence, chosen
    )


def _value(name: str, document: Document, cleaned: Cleaned, found: Metadata) -> Any:
    """Return one column's value for one document."""
    match name:
        case "id":
            return document.id
        case "source":
            return document.source
        case "authors" | "editors":
            return [person.name for person in getattr(found, name)]
        case "image_credits" | "opt_outs":
            return list(getattr(found, name))
        case "language_shares":
            mixed = found.language_shares if len(found.language_shares) > 1 else ()
            return [{"language": language, "share": share} for language, share in mixed]
        case "raw_sha256":
            return hashlib.sha256(document.text.encode()).hexdigest()
        case "clean_sha256":
            return hashlib.sha256(cleaned.text.encode()).hexdigest()
        case "raw_characters":
            return len(document.text)
        case "characters":
            return len(cleaned.text)
        case "edits":
            return len(cleaned.ledger)
        case "removed_characters":
            return sum(max(0, len(edit.removed) - len(edit.inserted)) for edit in cleaned.ledger)
        case "known":
            return sum(bool(getattr(found, field)) for field in _COUNTED)
        case "language_confidence":
            return found.language_confidence if found.language else None
        case "gopher_quality" | "gopher_repetition" | "fineweb_quality":
            return list(getattr(found.signals, name))
    return getattr(found.signals if name in _SIGNALS else found, name)


_SIGNALS = {"words", "lines", *(name for name, _ in schemas.SIGNALS)}
