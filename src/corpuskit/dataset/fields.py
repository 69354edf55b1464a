"""What each published column means, and the features of a schema as the card's YAML states them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from corpuskit.dataset.content import kind

__all__ = ["CONFIGS", "FAMILIES", "FIELDS", "features"]

#: What each config holds, in one line.
CONFIGS = {
    "default": "The clean texts, one row per document, with their fields and where each came from.",
    "removed": "The ledger: one row for each change made to a text, so that every raw text can be restored.",
    "clusters": "One row for each document that was left out as a copy, with the document kept in its place.",
    "related": "One row for each pair of documents that share much and are not copies of one another; both are kept.",
    "dropped": "One row for each document or record left out for another reason than being a copy, with what says so.",
    "overlaps": "One row for each document and evaluation text that share long word sequences.",
    "sources": "One row per source: what was read and kept, its licence, and what was removed by family.",
}

#: What each family of changes is, for a reader of the card.
FAMILIES = {
    "encoding": "wrong decoding, entities, control characters, mixed line ends",
    "ad-marker": "slot labels and sponsored inserts",
    "caption": "captions, image credits, alternative texts",
    "byline": "author, editor and agency lines, job titles, handles",
    "dateline": "dates, times and reading times standing alone",
    "bio": "notes about the author, sign-offs",
    "promo": "newsletters, subscriptions, apps, donations, paywalls, plugs",
    "related": "links and teasers to other articles, tags",
    "share": "share, like and print buttons, counters",
    "comment": "readers' comments and their furniture",
    "nav": "menus, breadcrumbs, legal lines, player texts, site names",
    "dup": "repetition of the article's own text",
    "template": "lines that a source repeats over many documents",
    "model": "lines that only the line model gave away",
    "pii": "personal data, masked on request",
    "blank": "blank lines left doubled by other cuts",
}

#: What each column means, by config and column.
FIELDS = {
    "default": {
        "id": "Stable name of the document: given by the input, or derived from source, path and record.",
        "source": "Name of the source; `sources` has one row for each.",
        "url": "Where the text was published.",
        "title": "Title of the text.",
        "authors": "Names of the authors, in the order of the byline.",
        "editors": "Names of the editors.",
        "contributors": "Everybody named, by role: author, editor, photographer, translator, contributor.",
        "image_credits": "Who is credited for images that stood in the text.",
        "date_published": "Date of publication, ISO 8601, possibly partial (2024, 2024-05).",
        "date_modified": "Date of the last change stated by the publisher, ISO 8601, possibly partial.",
        "language": "Language of the text as an ISO 639 code; null when unsure.",
        "language_confidence": "How sure that is, 0 to 1.",
        "language_shares": "Of a text in several languages, the share of each in the letters that were looked at.",
        "license": "Licence stated for the text, as an SPDX id, or NOASSERTION.",
        "license_evidence": "What says so.",
        "opt_outs": "Reservations that the text or its page states (noai, tdm-reservation, …); never inferred.",
        "publisher": "Publisher as stated.",
        "path": "Path of the input file below the input folder.",
        "record": "Member or row of the input file, empty when the file is one document.",
        "encoding": "Encoding from which the text was decoded.",
        "bytes_sha256": "SHA-256 of the bytes that were decoded.",
        "raw_sha256": "SHA-256 of the raw text as UTF-8.",
        "clean_sha256": "SHA-256 of `text` as UTF-8.",
        "raw_characters": "Code points of the raw text.",
        "characters": "Code points of `text`.",
        "words": "Words of `text`; a character of a script without spaces counts as one.",
        "lines": "Lines of `text`.",
        "edits": "Changes made to the raw text; each is a row of `removed`.",
        "removed_characters": "Code points of the raw text that these changes took away.",
        "sentences": "Sentences of `text`, by their final punctuation.",
        "paragraphs": "Paragraphs of `text`.",
        "mean_word_length": "Mean length of a word, in code points.",
        "mean_line_length": "Mean length of a line, in code points.",
        "stop_word_share": "Share of the words that are stop words of the language.",
        "symbol_ratio": "`#` or ellipses, whichever are more, for each word (Gopher).",
        "alphabetic_share": "Share of the words with at least one letter (Gopher).",
        "bullet_share": "Share of the lines that begin with a bullet (Gopher).",
        "ellipsis_share": "Share of the lines that end in an ellipsis (Gopher).",
        "terminal_share": "Share of the lines that end in final punctuation (FineWeb).",
        "short_line_share": "Share of the lines of at most 30 characters (FineWeb).",
        "duplicate_line_share": "Share of the lines that repeat an earlier one (Gopher).",
        "duplicate_line_characters": "Share of the characters that stand in such lines (Gopher, FineWeb).",
        "duplicate_paragraph_share": "Share of the paragraphs that repeat an earlier one (Gopher).",
        "duplicate_paragraph_characters": "Share of the characters that stand in such paragraphs (Gopher).",
        **{
            f"top_{size}gram_share": f"Share of the characters in the most frequent run of {size} words (Gopher)."
            for size in (2, 3, 4)
        },
        **{
            f"duplicate_{size}gram_share": f"Share of the characters in runs of {size} words that occur twice (Gopher)."
            for size in (5, 6, 7, 8, 9, 10)
        },
        "gopher_quality": "Which of Gopher's quality rules the text would fail; nothing is dropped for it.",
        "gopher_repetition": "Which of Gopher's repetition rules the text would fail.",
        "fineweb_quality": "Which of FineWeb's rules the text would fail.",
        "pii_email": "E-mail addresses found in the text or, where they are masked, masked in it; null when not looked for.",
        "pii_iban": "The same for IBANs (bank accounts).",
        "pii_ip": "The same for IP addresses.",
        "pii_phone": "The same for phone numbers.",
        "copies": "Documents left out as copies of this one, with kind: exact, near or contained.",
        "evidence": "Every value found for a field, with what says so; `chosen` marks the one in the field.",
        "extra_json": "Columns of the input that have no field here, as a JSON object; none longer than 10,000 characters.",
        "text": "The clean text.",
    },
    "removed": {
        "id": "The document that was changed.",
        "source": "Its source.",
        "family": "Kind of residue; `passage` is none: it marks what several documents of the source have, and changes nothing.",
        "rule": "The rule that made the change.",
        "start": "First code point of the span in the raw text.",
        "end": "One past its last code point.",
        "confidence": "Probability that the change is right, 0 to 1.",
        "evidence": "What was seen.",
        "removed": "What stood in the span; personal data that was masked is blotted out (█), and null where it was all.",
        "inserted": "What stands there now; empty for a deletion.",
    },
    "clusters": {
        "cluster": "Name of the cluster: the id of the kept document.",
        "kept": "The document that is kept.",
        "member": "The document that was left out.",
        "kind": "exact, near or contained.",
        "containment": "Share of the words of the copy that stand in passages of the kept text.",
        "jaccard": "Shingles in common over shingles in either.",
        "longest": "Longest passage that stands in both word for word, in words.",
        "kept_source": "Source of the kept document.",
        "kept_release": "The earlier release that holds the kept document; null when this dataset does.",
        "member_source": "Source of the copy.",
        "member_path": "Input path of the copy.",
        "member_url": "Where the copy was published.",
        "member_title": "Title of the copy.",
        "member_authors": "Authors of the copy.",
        "member_sha256": "SHA-256 of the copy's clean text.",
        "differs": "What the copy has and the kept text has not, shortened.",
        "also": "Other kept documents that hold the text of the copy, too; it hangs on the one of which it says most.",
    },
    "related": {
        "id": "A document of this dataset.",
        "source": "Its source.",
        "other": "A document that shares much with it.",
        "other_source": "Source of the other; null when an earlier release holds it.",
        "containment": "Share of the words of `id` that stand in passages of the other.",
        "containment_back": "Share of the words of the other that stand in passages of `id`.",
        "jaccard": "Shingles in common over shingles in either.",
        "longest": "Longest passage that stands in both word for word, in words.",
        "reason": "Why `id` is not a copy of the other.",
    },
    "dropped": {
        "id": "The document; null where nothing could be read.",
        "source": "Its source.",
        "path": "Path of the input file below the input folder; null where the text was taken down.",
        "record": "Member or row of the input file, empty when the file is one document.",
        "fate": "filtered, held (a person should look first) or quarantined (could not be read).",
        "reason": "Why, as a code; of a filter, its condition.",
        "evidence": "The values that decided, or what is wrong.",
        "bytes_sha256": "SHA-256 of the bytes that were decoded.",
    },
    "overlaps": {
        "id": "The document.",
        "source": "Its source.",
        "evaluation": "File and record of the evaluation text.",
        "share": "Share of the document's word sequences that stand in the evaluation text.",
        "evaluation_share": "Share of the evaluation text's word sequences that stand in the document.",
        "passage": "The longest passage in common, as it stands in the document, at most 300 characters.",
        "dropped": "Whether the document was left out for it.",
    },
    "sources": {
        "source": "Name of the source.",
        "url": "Its address.",
        "publisher": "Who publishes it.",
        "license": "Licence of its texts, as an SPDX id, or NOASSERTION.",
        "license_evidence": "What says so.",
        "evidence": "What says so, for name, address, publisher and licence.",
        "declared": "Whether the source was declared by a person, or derived.",
        "languages": "Languages of its kept documents, with counts.",
        "documents_read": "Documents read.",
        "documents_kept": "Documents in this dataset.",
        "documents_held": "Documents held back: so much would have gone that a person should look.",
        "documents_filtered": "Documents left out by a filter, or because nothing was left of them.",
        "documents_merged": "Documents left out as copies.",
        "words": "Words of the kept documents.",
        "date_from": "Earliest date of publication.",
        "date_to": "Latest date of publication.",
        "removed": "Changes and characters removed, by family.",
        "templates": "Lines that the source repeats and that were removed for that.",
    },
}


def features(schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the features of `schema` in the form that `datasets` reads from a card, back to 3.6."""
    return [_feature(field.name, field.type) for field in schema]


def _feature(name: str, data_type: pa.DataType) -> dict[str, Any]:
    what = kind(data_type)
    if what == "list":
        item = data_type.value_type
        below = _members(item) if kind(item) == "struct" else str(_plain(item))
        return {"name": name, "list": below}
    if what == "struct":
        return {"name": name, "struct": _members(data_type)}
    return {"name": name, "dtype": _plain(data_type)}


def _members(struct: pa.StructType) -> list[dict[str, Any]]:
    return [_feature(struct.field(at).name, struct.field(at).type) for at in range(struct.num_fields)]


def _plain(data_type: pa.DataType) -> str:
    """The name `datasets` has for a type without members: Arrow's ``double`` is its ``float64``."""
    return {"double": "float64", "float": "float32"}.get(str(data_type), str(data_type))
