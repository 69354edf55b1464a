"""The Arrow schemas: of the files between the stages, and of the published dataset.

Dull types only: `map`, `uuid`, `dictionary` and `string_view` do not load everywhere, dates are ISO text because
they may be partial, reason codes are text because class labels show as bare numbers outside `datasets`.
Every column is declared; no schema is ever inferred from rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from corpuskit.model import Candidate, Cleaned, Document, Edit, Provenance, Quarantined

__all__ = [
    "CLEANED",
    "CLUSTERS",
    "DATA",
    "DOCUMENTS",
    "DROPPED",
    "ENRICHED",
    "FATES",
    "OVERLAPS",
    "PUBLISHED",
    "QUARANTINE",
    "RELATED",
    "REMOVED",
    "SOURCES",
    "STARS",
    "cleaned",
    "cleaned_batch",
    "documents",
    "documents_batch",
    "given",
    "quarantine_batch",
    "quarantined",
    "structs",
]

EDIT = pa.struct(
    [
        ("rule", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("removed", pa.string()),
        ("inserted", pa.string()),
        ("evidence", pa.string()),
        ("confidence", pa.float64()),
    ]
)

CANDIDATE = pa.struct(
    [
        ("field", pa.string()),
        ("value", pa.string()),
        ("origin", pa.string()),
        ("evidence", pa.string()),
        ("rule", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("confidence", pa.float64()),
    ]
)

SPAN = pa.struct([("start", pa.int64()), ("end", pa.int64())])

PERSON = pa.struct([("name", pa.string()), ("role", pa.string())])

#: What ingest writes: one row per document, sorted by (source, id).
DOCUMENTS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("path", pa.string()),
        ("record", pa.string()),
        ("encoding", pa.string()),
        ("encoding_origin", pa.string()),
        ("encoding_confidence", pa.float64()),
        ("bom", pa.bool_()),
        ("newline", pa.string()),
        ("bytes_sha256", pa.string()),
        ("lossy", pa.bool_()),
        ("given", pa.list_(CANDIDATE)),
        ("extra", pa.string()),
        ("text", pa.large_string()),
    ]
)

#: What could not be read.
QUARANTINE = pa.schema(
    [
        ("path", pa.string()),
        ("record", pa.string()),
        ("offset", pa.int64()),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("remedy", pa.string()),
        ("excerpt", pa.string()),
    ]
)

#: What clean writes, row for row beside DOCUMENTS.
CLEANED = pa.schema(
    [
        ("id", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("edits", pa.list_(EDIT)),
        ("suspects", pa.list_(EDIT)),
        ("extracted", pa.list_(CANDIDATE)),
        ("private", pa.list_(SPAN)),  # of the raw text: where personal data stands that is masked
        ("text", pa.large_string()),
    ]
)

EVIDENCE = pa.struct([*CANDIDATE, pa.field("chosen", pa.bool_())])
SHARE = pa.struct([("language", pa.string()), ("share", pa.float64())])
COPY = pa.struct([("id", pa.string()), ("source", pa.string()), ("url", pa.string()), ("kind", pa.string())])

#: Quality signals, computed on the clean text; the definitions stand in `metadata/signals.py`.
SIGNALS = [
    ("sentences", pa.int64()),
    ("paragraphs", pa.int64()),
    ("mean_word_length", pa.float64()),
    ("mean_line_length", pa.float64()),
    ("stop_word_share", pa.float64()),
    ("symbol_ratio", pa.float64()),
    ("alphabetic_share", pa.float64()),
    ("bullet_share", pa.float64()),
    ("ellipsis_share", pa.float64()),
    ("terminal_share", pa.float64()),
    ("short_line_share", pa.float64()),
    ("duplicate_line_share", pa.float64()),
    ("duplicate_line_characters", pa.float64()),
    ("duplicate_paragraph_share", pa.float64()),
    ("duplicate_paragraph_characters", pa.float64()),
    *((f"top_{size}gram_share", pa.float64()) for size in (2, 3, 4)),
    *((f"duplicate_{size}gram_share", pa.float64()) for size in (5, 6, 7, 8, 9, 10)),
    ("gopher_quality", pa.list_(pa.string())),
    ("gopher_repetition", pa.list_(pa.string())),
    ("fineweb_quality", pa.list_(pa.string())),
]

#: Personal data: what was found in the text (`[pii] action = "report"`) or masked in it ("mask"), by kind.
PERSONAL = [(f"pii_{kind}", pa.int64()) for kind in ("email", "iban", "ip", "phone")]

#: What enrich writes, row for row beside DOCUMENTS: the columns of DATA that it knows, and what dedup weighs.
ENRICHED = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("editors", pa.list_(pa.string())),
        ("contributors", pa.list_(PERSON)),
        ("image_credits", pa.list_(pa.string())),
        ("date_published", pa.string()),
        ("date_modified", pa.string()),
        ("language", pa.string()),
        ("language_confidence", pa.float64()),
        ("language_shares", pa.list_(SHARE)),
        ("license", pa.string()),
        ("license_evidence", pa.string()),
        ("opt_outs", pa.list_(pa.string())),
        ("publisher", pa.string()),
        ("raw_sha256", pa.string()),
        ("clean_sha256", pa.string()),
        ("raw_characters", pa.int64()),
        ("characters", pa.int64()),
        ("words", pa.int64()),
        ("lines", pa.int64()),
        ("edits", pa.int64()),
        ("removed_characters", pa.int64()),
        *SIGNALS,
        *PERSONAL,
        ("evidence", pa.list_(EVIDENCE)),
        ("extra_json", pa.string()),
        ("known", pa.int64()),  # how many of title, authors, date, url, language, license are known
    ]
)

#: What becomes of each document before copies are looked for, row for row beside DOCUMENTS, and what dedup weighs.
FATES = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("fate", pa.string()),       # kept, held, filtered, quarantined
        ("reason", pa.string()),     # a code or, of a filter, the condition as it was written; empty for kept ones
        ("evidence", pa.string()),   # the numbers and values that decided
        ("known", pa.int64()),
        ("date_published", pa.string()),
    ]
)

#: What dedup decided: one row per document that is dropped as a copy.
STARS = pa.schema(
    [
        ("member", pa.string()),
        ("kept", pa.string()),
        ("kind", pa.string()),
        ("containment", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),
        ("differs", pa.string()),
        ("also", pa.list_(pa.string())),
    ]
)

#: Published: config `default`, one row per kept document, ordered by (source, id).
DATA = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("editors", pa.list_(pa.string())),
        ("contributors", pa.list_(PERSON)),
        ("image_credits", pa.list_(pa.string())),
        ("date_published", pa.string()),
        ("date_modified", pa.string()),
        ("language", pa.string()),
        ("language_confidence", pa.float64()),
        ("language_shares", pa.list_(SHARE)),
        ("license", pa.string()),
        ("license_evidence", pa.string()),
        ("opt_outs", pa.list_(pa.string())),
        ("publisher", pa.string()),
        ("path", pa.string()),
        ("record", pa.string()),
        ("encoding", pa.string()),
        ("bytes_sha256", pa.string()),
        ("raw_sha256", pa.string()),
        ("clean_sha256", pa.string()),
        ("raw_characters", pa.int64()),
        ("characters", pa.int64()),
        ("words", pa.int64()),
        ("lines", pa.int64()),
        ("edits", pa.int64()),
        ("removed_characters", pa.int64()),
        *SIGNALS,
        *PERSONAL,
        ("copies", pa.list_(COPY)),
        ("evidence", pa.list_(EVIDENCE)),
        ("extra_json", pa.string()),
        ("text", pa.large_string()),
    ]
)

#: Published: config `removed`, the ledger of the kept documents, one row per edit.
REMOVED = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("family", pa.string()),
        ("rule", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("confidence", pa.float64()),
        ("evidence", pa.string()),
        ("removed", pa.string()),
        ("inserted", pa.string()),
    ]
)

#: Published: config `dropped`, one row per document or record that is neither in `default` nor in `clusters`.
DROPPED = pa.schema(
    [
        ("id", pa.string()),             # null where nothing could be read
        ("source", pa.string()),
        ("path", pa.string()),
        ("record", pa.string()),
        ("fate", pa.string()),           # filtered, held, quarantined
        ("reason", pa.string()),         # a code or, of a filter, its condition
        ("evidence", pa.string()),
        ("bytes_sha256", pa.string()),
    ]
)

#: Published: config `clusters`, one row per document that was dropped as a copy, with the one that is kept.
CLUSTERS = pa.schema(
    [
        ("cluster", pa.string()),        # id of the kept document
        ("kept", pa.string()),
        ("member", pa.string()),         # id of the copy
        ("kind", pa.string()),           # exact, near, contained
        ("containment", pa.float64()),   # share of the words of the copy that stand in the kept text
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),         # longest passage of both, word for word, in words
        ("kept_source", pa.string()),
        ("kept_release", pa.string()),   # the earlier release that holds it, null when this dataset does
        ("member_source", pa.string()),
        ("member_path", pa.string()),
        ("member_url", pa.string()),
        ("member_title", pa.string()),
        ("member_authors", pa.list_(pa.string())),
        ("member_sha256", pa.string()),
        ("differs", pa.string()),        # what the copy has and the kept one has not, shortened
        ("also", pa.list_(pa.string())),  # other kept documents that hold the copy, too
    ]
)

#: Published: config `related`, one row per pair of kept texts that share much and are not copies.
RELATED = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("other", pa.string()),
        ("other_source", pa.string()),       # null when an earlier release holds it
        ("containment", pa.float64()),       # share of the words of `id` that stand in `other`
        ("containment_back", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),             # longest passage of both, word for word, in words
        ("reason", pa.string()),             # why neither is a copy of the other
    ]
)

#: Published: config `overlaps`, one row per document and evaluation text that share word sequences.
OVERLAPS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("evaluation", pa.string()),        # file and record of the evaluation text
        ("share", pa.float64()),            # of the sequences of the document
        ("evaluation_share", pa.float64()),
        ("passage", pa.string()),           # the longest shared one, as it stands in the document
        ("dropped", pa.bool_()),
    ]
)

#: Published: config `sources`, one row per source.
SOURCES = pa.schema(
    [
        ("source", pa.string()),
        ("url", pa.string()),
        ("publisher", pa.string()),
        ("license", pa.string()),
        ("license_evidence", pa.string()),
        ("evidence", pa.list_(pa.string())),
        ("declared", pa.bool_()),
        ("languages", pa.list_(pa.struct([("language", pa.string()), ("documents", pa.int64())]))),
        ("documents_read", pa.int64()),
        ("documents_kept", pa.int64()),
        ("documents_held", pa.int64()),
        ("documents_filtered", pa.int64()),
        ("documents_merged", pa.int64()),
        ("words", pa.int64()),
        ("date_from", pa.string()),
        ("date_to", pa.string()),
        ("removed", pa.list_(pa.struct([("family", pa.string()), ("edits", pa.int64()),
                                        ("characters", pa.int64())]))),
        ("templates", pa.list_(pa.string())),
    ]
)

#: The published configs, in the order of the card.
PUBLISHED = {
    "default": DATA,
    "removed": REMOVED,
    "clusters": CLUSTERS,
    "related": RELATED,
    "dropped": DROPPED,
    "overlaps": OVERLAPS,
    "sources": SOURCES,
}


def structs(kind: pa.StructType, rows: Sequence[Sequence[Any]]) -> pa.ListArray:
    """Return a list<struct> array, one list per row, from objects whose attributes are the struct's fields."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    flat = [item for row in rows for item in row]
    fields = list(kind)
    values = zip(*map(attrgetter(*(field.name for field in fields)), flat), strict=True) if flat else ((),) * len(fields)
    columns = [pa.array(column, type=field.type) for column, field in zip(values, fields, strict=True)]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(columns, fields=fields))


def documents_batch(documents: Sequence[Document]) -> pa.RecordBatch:
    """Return `documents` as rows of DOCUMENTS."""
    columns: list[pa.Array] = []
    for field in DOCUMENTS:
        if field.name == "given":
            columns.append(structs(CANDIDATE, [one.given for one in documents]))
        elif field.name in ("id", "source", "extra", "text"):
            columns.append(pa.array([getattr(one, field.name) for one in documents], type=field.type))
        else:
            columns.append(pa.array([getattr(one.provenance, field.name) for one in documents], type=field.type))
    return pa.RecordBatch.from_arrays(columns, schema=DOCUMENTS)


def documents(batch: pa.RecordBatch) -> list[Document]:
    """Return the rows of a DOCUMENTS batch as documents; the inverse of `documents_batch`.

    Where the columns of the provenance were not read, nothing is known of it, nor of further columns without `extra`.
    """
    names = [field.name for field in DOCUMENTS if field.name not in ("id", "source", "given", "extra", "text")]
    if "path" in batch.schema.names:
        rows = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
        provenances = [Provenance(*values) for values in rows]
    else:
        provenances = [Provenance("")] * len(batch)
    return [
        Document(*values)
        for values in zip(
            batch.column("id").to_pylist(),
            batch.column("source").to_pylist(),
            batch.column("text").to_pylist(),
            provenances,
            given(batch),
            batch.column("extra").to_pylist() if "extra" in batch.schema.names else [""] * len(batch),
            strict=True,
        )
    ]


def given(batch: pa.RecordBatch) -> list[tuple[Candidate, ...]]:
    """Return the fields that came with each row of a DOCUMENTS batch."""
    return _objects(Candidate, batch.column("given"))


def cleaned_batch(
    ids: Sequence[str], cleaned: Sequence[Cleaned], private: Sequence[Sequence[tuple[int, int]]] = ()
) -> pa.RecordBatch:
    """Return what cleaning made of the documents `ids` as rows of CLEANED, with the private spans of each, if any."""
    spans = [[{"start": start, "end": end} for start, end in one] for one in private or [()] * len(cleaned)]
    return pa.RecordBatch.from_arrays(
        [
            pa.array(ids, pa.string()),
            pa.array([one.status for one in cleaned], pa.string()),
            pa.array([one.reason for one in cleaned], pa.string()),
            structs(EDIT, [one.ledger for one in cleaned]),
            structs(EDIT, [one.suspects for one in cleaned]),
            structs(CANDIDATE, [one.candidates for one in cleaned]),
            pa.array(spans, pa.list_(SPAN)),
            pa.array([one.text for one in cleaned], pa.large_string()),
        ],
        schema=CLEANED,
    )


def cleaned(batch: pa.RecordBatch) -> list[Cleaned]:
    """Return the rows of a CLEANED batch; the inverse of `cleaned_batch`. Suspects that were not read are none."""
    suspects = _objects(Edit, batch.column("suspects")) if "suspects" in batch.schema.names else [()] * len(batch)
    return [
        Cleaned(*values)
        for values in zip(
            batch.column("text").to_pylist(),
            _objects(Edit, batch.column("edits")),
            suspects,
            _objects(Candidate, batch.column("extracted")),
            batch.column("status").to_pylist(),
            batch.column("reason").to_pylist(),
            strict=True,
        )
    ]


def quarantine_batch(rows: Sequence[Quarantined]) -> pa.RecordBatch:
    """Return `rows` as rows of QUARANTINE."""
    columns = [pa.array([getattr(row, f.name) for row in rows], type=f.type) for f in QUARANTINE]
    return pa.RecordBatch.from_arrays(columns, schema=QUARANTINE)


def quarantined(table: pa.Table) -> list[Quarantined]:
    """Return the rows of a QUARANTINE table; the inverse of `quarantine_batch`."""
    return [Quarantined(**row) for row in table.select(QUARANTINE.names).to_pylist()]


def _objects(kind: type[Any], column: pa.ListArray) -> list[tuple[Any, ...]]:
    """Return one tuple of `kind` objects for each list of a list<struct> column."""
    flat = column.flatten()
    parts = [flat.field(at).to_pylist() for at in range(flat.type.num_fields)]
    items = [kind(*values) for values in zip(*parts, strict=True)]
    ends = np.cumsum(column.value_lengths().to_numpy(zero_copy_only=False)).tolist()
    return [tuple(items[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)] if ends else []
