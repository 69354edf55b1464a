"""Enrich: fields with their evidence, row for row beside the documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pyarrow as pa

from corpuskit import schemas
from corpuskit.metadata import Metadata, Request, SourceFacts, enrich_batch
from corpuskit.metadata import Options as MetadataOptions
from corpuskit.metadata.aliases import Aliases, with_aliases
from corpuskit.metadata.masking import counts, mask_fields, mask_text
from corpuskit.metadata.options import PiiOptions
from corpuskit.metadata.pii import KINDS, find
from corpuskit.model import Cleaned, Document
from corpuskit.sources import Sources
from corpuskit.sources.further_columns import as_json
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["EnrichOptions", "enrich", "enriched_batch", "source_facts"]


@dataclass(frozen=True, slots=True)
class EnrichOptions:
    """Options of the stage, and what is declared about sources."""

    metadata: MetadataOptions
    declared: Sources
    pii: PiiOptions = field(default_factory=PiiOptions)
    aliases: Aliases = ()  #: of authors, as a person has accepted them


def enrich(job: Job) -> int:
    """In: `documents`, `cleaned`. Out: enriched.parquet."""
    options: EnrichOptions = job.options

    def rows() -> Iterator[pa.RecordBatch]:
        parts = (
            shards.batches(job.one("documents"), ["id", "source", "given", "extra", "text"]),
            shards.batches(job.one("cleaned"), ["status", "reason", "edits", "extracted", "text"]),
        )
        pairs = zip(*parts, strict=True)
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
    pii: PiiOptions = PiiOptions(),  # noqa: B008 - frozen
) -> pa.RecordBatch:
    """Return the fields of a batch as rows of ENRICHED.

    Where personal data is masked, none of `pii.kinds` stands in any of them.
    """
    if not documents:
        return pa.RecordBatch.from_pylist([], schema=schemas.ENRICHED)
    personal = [_personal(one, pii) for one in cleaned]
    extra = [one.extra for one in documents]
    if pii.masked:
        found = [mask_fields(one, pii.masked) for one in found]
        extra = [_mask_json(one, pii.masked) for one in extra]
    rows = list(zip(documents, cleaned, found, strict=True))
    counted = [_SIGNALS(one.signals) for one in found]
    plain = [_PLAIN(one) for one in found]
    columns: dict[str, Sequence[Any] | pa.Array] = {
        **dict(zip(_PLAIN_NAMES, zip(*plain, strict=True), strict=True)),
        **dict(zip(_SIGNAL_NAMES, zip(*counted, strict=True), strict=True)),
        **{f"pii_{kind}": [one.get(kind) for one in personal] for kind in KINDS},
        "id": [one.id for one in documents],
        "source": [one.source for one in documents],
        "authors": [[person.name for person in one.authors] for one in found],
        "editors": [[person.name for person in one.editors] for one in found],
        "contributors": schemas.structs(schemas.PERSON, [(*m.authors, *m.editors, *m.contributors) for m in found]),
        "language_confidence": [one.language_confidence if one.language else None for one in found],
        "language_shares": [_mixed(one.language_shares) for one in found],
        **dict(zip(("raw_sha256", "clean_sha256"), zip(*(_digests(*row) for row in rows), strict=True), strict=True)),
        "raw_characters": [len(one.text) for one in documents],
        "characters": [len(one.text) for one in cleaned],
        "edits": [len(one.ledger) for one in cleaned],
        "removed_characters": [
            sum(max(0, len(edit.removed) - len(edit.inserted)) for edit in one.ledger) for one in cleaned
        ],
        "evidence": _evidence(found),
        "extra_json": [one or None for one in extra],
        "known": [sum(map(bool, _COUNTED(one))) for one in found],
    }
    return pa.RecordBatch.from_arrays(
        [
            made if isinstance(made := columns[column.name], pa.Array) else pa.array(made, type=column.type)
            for column in schemas.ENRICHED
        ],
        schema=schemas.ENRICHED,
    )


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

    return as_json(masked(json.loads(text))) if text else text


def _evidence(found: Sequence[Metadata]) -> pa.ListArray:
    """The candidates of each document, each with whether it was taken."""
    chosen = [
        number in taken
        for one in found
        for taken in (frozenset(one.chosen),)
        for number in range(len(one.candidates))
    ]
    listed = schemas.structs(schemas.CANDIDATE, [one.candidates for one in found])
    fields = [*listed.values.flatten(), pa.array(chosen, type=pa.bool_())]
    values = pa.StructArray.from_arrays(fields, fields=list(schemas.EVIDENCE))
    return pa.ListArray.from_arrays(listed.offsets, values)


def _mixed(shares: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"language": language, "share": share} for language, share in shares] if len(shares) > 1 else []


def _digests(document: Document, cleaned: Cleaned, _: Metadata) -> tuple[str, str]:
    raw = hashlib.sha256(document.text.encode()).hexdigest()
    return raw, raw if cleaned.text == document.text else hashlib.sha256(cleaned.text.encode()).hexdigest()


_COUNTED = attrgetter("title", "authors", "date_published", "url", "language", "license")
_PLAIN_NAMES = (
    "url", "title", "image_credits", "date_published", "date_modified", "language", "license", "license_evidence",
    "opt_outs", "publisher",
)  # fmt: skip
_PLAIN = attrgetter(*_PLAIN_NAMES)
_SIGNAL_NAMES = ("words", "lines", *(name for name, _ in schemas.SIGNALS))
_SIGNALS = attrgetter(*_SIGNAL_NAMES)
