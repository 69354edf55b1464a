"""One row per source: what is declared of it, what its documents say together, and what was made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpuskit import schemas
from corpuskit.cleaning import Templates
from corpuskit.metadata.masking import mask_address, mask_text
from corpuskit.metadata.rights import as_spdx
from corpuskit.metadata.urls import site
from corpuskit.model import Candidate
from corpuskit.sources import Sources

__all__ = ["Tally", "count_documents", "source_rows"]

_READ = ("source", "words", "language", "license", "license_evidence", "date_published", "url", "publisher", "path")


@dataclass(slots=True)
class Tally:
    """What is counted for one source."""

    fates: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    words: int = 0
    first: str = ""
    last: str = ""
    licenses: Counter[str] = field(default_factory=Counter)
    stated: dict[str, str] = field(default_factory=dict)  #: licence and what the first document says of it
    sites: Counter[str] = field(default_factory=Counter)
    publishers: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)
    removed: dict[str, list[int]] = field(default_factory=dict)


def count_documents(part: pa.Table, counts: Mapping[str, Tally]) -> None:
    """Count kept documents: rows with the columns of the config `default`."""
    for row in part.select(_READ).to_pylist():
        one = counts[row["source"]]
        one.words += row["words"]
        if row["language"]:
            one.languages[row["language"]] += 1
        if row["license"]:
            one.licenses[row["license"]] += 1
            one.stated.setdefault(row["license"], row["license_evidence"] or "")
        if row["publisher"]:
            one.publishers[row["publisher"]] += 1
        if row["url"]:
            one.sites[site(row["url"]) or ""] += 1
        one.folders[row["path"].partition("/")[0] if "/" in row["path"] else ""] += 1
        if date := row["date_published"]:
            one.first = min(one.first or date, date)
            one.last = max(one.last, date)


def source_rows(
    counts: Mapping[str, Tally], declared: Sources, templates: Templates, mask: tuple[str, ...]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `sources`; `templates` acted on them, and personal data of kinds `mask` is masked.

    What sources.toml declares stands; otherwise address, publisher and licence are those that all documents of the source
    agree on, or none.
    """
    lines: dict[str, list[str]] = {}
    for template in templates.entries:
        lines.setdefault(template.source, []).append(f"{template.zone}: {mask_text(template.line, mask)}")
    rows = []
    for name, one in sorted(counts.items()):
        said = {
            column: (value and (mask_address if column == "url" else mask_text)(value, mask), mask_text(evidence, mask))
            for column, (value, evidence) in _said(name, one, declared).items()
        }
        rows.append(
            {
                "source": name,
                **{column: said[column][0] for column in ("url", "publisher", "license")},
                "license_evidence": said["license"][1] or None,
                "evidence": [f"{column}: {evidence}" for column, (value, evidence) in said.items() if value],
                "declared": declared.named(name) is not None,
                "languages": [
                    {"language": language, "documents": count}
                    for language, count in sorted(one.languages.items(), key=lambda pair: (-pair[1], pair[0]))
                ],
                "documents_read": sum(one.fates.values()) - one.fates["quarantined"],
                "documents_kept": one.fates["kept"],
                "documents_held": one.fates["held"],
                "documents_filtered": one.fates["filtered"],
                "documents_merged": one.fates["merged"],
                "words": one.words,
                "date_from": one.first or None,
                "date_to": one.last or None,
                "removed": [
                    {"family": family, "edits": edits, "characters": characters}
                    for family, (edits, characters) in sorted(one.removed.items())
                ],
                "templates": sorted(lines.get(name, ())),
            }
        )
    yield "train", pa.RecordBatch.from_pylist(rows, schema=schemas.SOURCES)


def _said(name: str, one: Tally, declared: Sources) -> dict[str, tuple[str | None, str]]:
    """Address, publisher and licence of a source, each with what says so."""
    known: Any = declared.named(name)
    found: dict[str, tuple[str | None, str]] = {}
    kept = one.fates["kept"]
    for column, counter in (("url", one.sites), ("publisher", one.publishers), ("license", one.licenses)):
        stated = getattr(known, column) if known else ""
        if stated:
            said = as_spdx(Candidate(column, stated, "given", f"sources.toml, source {name!r}"))
            found[column] = (said.value, said.evidence)
            continue
        value = _common(counter)
        evidence = f"{counter[value]} of {kept} documents, and no other" if value else ""
        if column == "url" and value:
            value, evidence = f"https://{value}/", f"site of the addresses of {evidence}"
        elif column == "license" and value:
            evidence = f"stated by {evidence}: {one.stated[value]}"[:300]
        elif column == "publisher" and value:
            evidence = f"named by {evidence}"
        found[column] = (value or None, evidence)
    found["name"] = (name, _named(name, one, known is not None))
    return found


def _named(name: str, one: Tally, is_declared: bool) -> str:
    """Where the name of a source comes from."""
    if is_declared:
        return "sources.toml"
    for values, what in (
        (one.sites, "site of the addresses"), (one.publishers, "publisher in the page"), (one.folders, "folder"),
    ):  # fmt: skip
        if name and name in values:
            return what
    return "column of the input" if name else ""


def _common(values: Counter[str]) -> str:
    """The value that all documents with any agree on, or nothing."""
    return next(iter(values)) if len(values) == 1 else ""
