"""The Arrow schemas: of the files between the stages, and of the published dataset.

Dull types only: `map`, `uuid`, `dictionary` and `string_view` do not load everywhere, dates are ISO text because
they may be partial, reason codes are text because class labels show as bare numbers outside `datasets`.
Every column is declared; no schema is ever inferred from rows.
"""

from __future__ import annotations

import pyarrow as pa

__all__ = [
    "CLEANED",
    "CLUSTERS",
    "DATA",
    "DOCUMENTS",
    "QUARANTINE",
    "REMOVED",
    "SOURCES",
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
        ("text", pa.large_string()),
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
        ("license", pa.string()),
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
        ("copies", pa.list_(pa.struct([("id", pa.string()), ("source", pa.string()), ("url", pa.string()),
                                       ("kind", pa.string())]))),
        ("evidence", pa.list_(
            pa.struct([("field", pa.string()), ("value", pa.string()), ("origin", pa.string()),
                       ("evidence", pa.string()), ("rule", pa.string()), ("start", pa.int64()),
                       ("end", pa.int64()), ("confidence", pa.float64()), ("chosen", pa.bool_())]))),
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

#: Published: config `clusters`, one row per document that was dropped as a copy, with the one that is kept.
CLUSTERS = pa.schema(
    [
        ("cluster", pa.string()),        # id of the kept document
        ("kept", pa.string()),
        ("member", pa.string()),         # id of the copy
        ("kind", pa.string()),           # exact, near, contained
        ("containment", pa.float64()),   # share of the copy's shingles that stand in the kept text
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),         # longest common passage, words
        ("kept_source", pa.string()),
        ("member_source", pa.string()),
        ("member_path", pa.string()),
        ("member_url", pa.string()),
        ("member_title", pa.string()),
        ("member_authors", pa.list_(pa.string())),
        ("member_sha256", pa.string()),
        ("differs", pa.string()),        # what the copy has and the kept one has not, shortened
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
