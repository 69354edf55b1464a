"""Small datasets made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpuskit import schemas
from corpuskit.dataset.card import write_card
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.folder import place, prepare, publish
from corpuskit.dataset.options import Options
from corpuskit.dataset.release import Funnel, Release, Step, survey
from corpuskit.dataset.writer import ConfigFacts, write_config

TEXTS = ("The ferry left at noon.", "Nobody had told the baker.", "Rain fell on the quarry road.")


def batch(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Rows as a batch; columns that a row does not name are null."""
    return pa.RecordBatch.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema=schema)


def essay(at: int, text: str, **fields: Any) -> dict[str, Any]:
    """A row of the config `default`."""
    return {
        "id": f"{at:016x}",
        "source": "gazette",
        "text": text,
        "clean_sha256": f"clean of {text}",
        "raw_sha256": f"raw of {at}",
        "words": len(text.split()),
        "characters": len(text),
        "raw_characters": len(text) + 10,
        "language": "en",
        "license": "CC-BY-4.0",
        "authors": ["Mira Holt"],
        "copies": [],
        "evidence": [],
        **fields,
    }


def cut(at: int, rule: str = "promo.en.sign-up", start: int = 0, **fields: Any) -> dict[str, Any]:
    """A row of the config `removed`."""
    removed = "Sign up!\n\n"
    return {
        "id": f"{at:016x}",
        "source": "gazette",
        "family": rule.split(".")[0],
        "rule": rule,
        "start": start,
        "end": start + len(removed),
        "confidence": 0.99,
        "evidence": "a call to sign up",
        "removed": removed,
        "inserted": "",
        **fields,
    }


def write_all(folder: Path, options: Options, **rows: Sequence[Mapping[str, Any]]) -> tuple[ConfigFacts, ...]:
    """Write the configs that have rows."""
    return tuple(
        write_config(folder, name, _by_split(schema, rows[name]), schema, options)
        for name, schema in schemas.PUBLISHED.items()
        if rows.get(name)
    )


def _by_split(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Each row under the split that it names, which is no column."""
    for row in rows:
        named = {name: value for name, value in row.items() if name != "split"}
        yield row.get("split", "train"), batch(schema, [named])


def make_release(
    folder: Path,
    *,
    texts: Sequence[str] = TEXTS,
    essays: Sequence[Mapping[str, Any]] | None = None,
    removed: Sequence[Mapping[str, Any]] | None = None,
    clusters: Sequence[Mapping[str, Any]] = (),
    sources: Sequence[Mapping[str, Any]] | None = None,
    card: CardFile | None = None,
    options: Options | None = None,
    **fields: Any,
) -> Release:
    """Write configs into `folder` and return the release that describes them, the card not yet written."""
    options = options or Options()
    default = essays if essays is not None else [essay(at, text) for at, text in enumerate(texts)]
    configs = write_all(
        folder,
        options,
        default=default,
        removed=[cut(0)] if removed is None else removed,
        clusters=clusters,
        sources=[{"source": "gazette", "documents_read": 4, "documents_kept": 3, "words": 15}]
        if sources is None
        else sources,
    )
    rows = len(default)
    release: dict[str, Any] = {
        "name": "essays",
        "version": options.version,
        "date": options.date,
        "tool": "corpuskit 0.1.0",
        "configs": configs,
        "funnel": Funnel(rows + 1, quarantined=1, kept=rows, reasons=(("quarantined", "binary", 1),)),
        "numbers": survey(folder, configs),
        "steps": (Step("clean", "Residue is cut by rules.", (("rules", "12"),), (("ftfy", "6.3"),)),),
        "card": card or CardFile(),
    }
    return Release(**{**release, **fields})


def make_dataset(processed: Path, **fields: Any) -> Path:
    """Build and publish a small dataset below `processed`, and return its folder."""
    where = place(processed, "essays")
    write_card(where.next, make_release(prepare(where), **fields))
    return publish(where)
