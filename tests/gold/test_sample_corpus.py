"""The labels of the sample corpus in raw/ fit its files."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from corpuskit.model import FAMILIES

ROOT = Path(__file__).parents[2]
RAW = ROOT / "raw"
LABELS: dict[str, Any] = json.loads((ROOT / "tests/golden/raw-labels.json").read_text(encoding="utf-8"))
DOCUMENTS: list[dict[str, Any]] = LABELS["documents"]


def text_of(document: dict[str, Any]) -> str:
    """The raw text of a labelled document, newlines as line feeds."""
    path = RAW / str(document["path"])
    if document["row"] is None:
        encoding = "cp1252" if LABELS["encodings"].get(document["path"]) == "cp1252" else "utf-8-sig"
        return path.read_bytes().decode(encoding).replace("\r\n", "\n")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return str(rows[document["row"] - 1]["text"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=[f"{d['path']}#{d['row'] or ''}" for d in DOCUMENTS])
def test_labels_point_into_the_text(document: dict[str, Any]) -> None:
    """Removed lines, spans, repairs and headings name lines that are there, spans by their exact text."""
    lines = text_of(document).split("\n")
    assert set(document["remove"].values()) <= set(FAMILIES)
    assert all(lines[int(number) - 1].strip() for number in document["remove"])
    assert not {int(number) for number in document["remove"]} & set(document["headings"])
    for number, spans in document["spans"].items():
        assert number not in document["remove"]
        assert all(family in FAMILIES and text in lines[int(number) - 1] for family, text in spans)
    assert all(lines[int(number) - 1] != line for number, line in document["repairs"].items())


def test_every_file_is_labelled() -> None:
    """Each file under raw/ is a labelled document, is named as no document, or describes the folder."""
    there = {p.relative_to(RAW).as_posix() for p in RAW.rglob("*") if p.is_file()}
    named = {d["path"] for d in DOCUMENTS} | {d["path"] for d in LABELS["not_documents"]}
    assert named | {"README.md", "sources.toml"} == there


def test_every_source_is_invented_and_used() -> None:
    """Each folder of raw/ is described once, as invented, with a reserved address."""
    sources = tomllib.loads((RAW / "sources.toml").read_text(encoding="utf-8"))["source"]
    folders = sorted(f"{path.name}/**" for path in RAW.iterdir() if path.is_dir())
    assert folders == sorted(pattern for source in sources for pattern in source["files"])
    assert [True] * len(sources) == [s["invented"] for s in sources]
    assert all(s["url"].endswith(".example/") for s in sources)


def test_copies_are_what_the_labels_say() -> None:
    """The exact copy has the same bytes, the excerpt stands in its original, the edited copy shares lines."""
    for relation in LABELS["relations"]:
        of, copy = (next(d for d in DOCUMENTS if d["path"] == relation[end]) for end in ("of", "copy"))
        if relation["kind"] == "exact":
            assert (RAW / of["path"]).read_bytes() == (RAW / copy["path"]).read_bytes()
        kept = [
            [
                line
                for number, line in enumerate(text_of(d).split("\n"), 1)
                if line and str(number) not in d["remove"] and number not in d["headings"]
            ]
            for d in (of, copy)
        ]
        if relation["kind"] == "contained":
            assert "\n".join(kept[1]) in "\n".join(kept[0])
        if relation["kind"] == "near":
            assert 0 < len(set(kept[1]) - set(kept[0])) < len(kept[1])
