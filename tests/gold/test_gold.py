"""The gold set is well formed, and its README says what is in it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpuskit.model import FAMILIES

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "corpus.jsonl").read_text(encoding="utf-8").split("\n") if line
]
README = (HERE / "README.md").read_text(encoding="utf-8")

#: Languages and scripts that the cleaning issue asks a public set to cover.
REQUIRED_LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "ru", "tr", "ja", "zh", "ar"}


def without_residue(row: dict[str, Any]) -> bool:
    """Whether everything in the document stays."""
    return all(row["keep"]) and not row["spans"]


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the README table under `## heading`: first cell -> the other cells."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.split("\n") if line.startswith("|")]
    return {name.strip(): [cell.strip() for cell in cells] for name, *cells in lines[2:]}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_row_is_well_formed(row: dict[str, Any]) -> None:
    """Each line has one label of each kind, a class exactly when it goes, and spans in kept lines only."""
    lines = row["lines"]
    assert [len(lines)] * 3 == [len(row[k]) for k in ("keep", "cls", "ambig")]
    assert [not k for k in row["keep"]] == [c in FAMILIES for c in row["cls"]]
    for number, spans in row["spans"].items():
        assert row["keep"][int(number) - 1] == 1
        for family, text in spans:
            assert family in FAMILIES
            assert text in lines[int(number) - 1] != text
    for line in lines:
        assert "\n" not in line
        assert unicodedata.normalize("NFC", line) == line
    assert all(row["keep"][n - 1] == 1 for n in row["headings"])
    assert row["id"].split(":")[:2] == ["gold", row["lang"]]
    assert row["domain"].endswith(".example")
    assert row["url"].startswith(f"https://{row['domain']}/")


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_fields_stand_in_the_text(row: dict[str, Any]) -> None:
    """A field's value can be read in the text: the gold asks for no knowledge from elsewhere."""
    meta, text = row["meta"], "\n".join(row["lines"])
    assert {"title", "authors", "editors", "published", "image_credits"} == set(meta)
    assert meta["title"] is None or meta["title"] in text
    for value in meta["authors"] + meta["editors"] + meta["image_credits"]:
        assert value.casefold() in text.casefold()
    if meta["published"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", meta["published"])
        assert "dateline" in row["cls"]


def test_rows_are_unique_and_in_order() -> None:
    """Ids are unique and sorted, and no article line of any length stands in two documents."""
    ids = [row["id"] for row in ROWS]
    assert sorted(set(ids)) == ids
    kept = [{t for t, k in zip(row["lines"], row["keep"], strict=True) if k and len(t) > 60} for row in ROWS]
    count = Counter(line for lines in kept for line in lines)
    assert not [line for line, n in count.items() if n > 1]


def test_every_family_and_language_is_there() -> None:
    """Every kind of residue occurs, each language has documents with residue and without."""
    families = {c for row in ROWS for c in row["cls"] if c}
    textual = {f for f in FAMILIES if f not in {"encoding", "template", "model", "pii", "blank"}}
    assert textual == families
    languages = {row["lang"] for row in ROWS}
    assert languages >= REQUIRED_LANGUAGES
    assert languages == {row["lang"] for row in ROWS if without_residue(row)}
    assert languages == {row["lang"] for row in ROWS if not without_residue(row)}


def test_readme_counts_languages() -> None:
    """The table of languages says what the rows say."""
    expected = {}
    for lang in sorted({row["lang"] for row in ROWS}):
        rows = [row for row in ROWS if row["lang"] == lang]
        expected[lang] = [
            len(rows),
            sum(map(without_residue, rows)),
            sum(len(row["lines"]) for row in rows),
            sum(row["keep"].count(0) for row in rows),
        ]
    total = [sum(column) for column in zip(*expected.values(), strict=True)]
    actual = {name.split()[0]: [int(cell) for cell in cells] for name, cells in table("Languages").items()}
    assert expected | {"all": total} == actual


def test_readme_counts_classes_traps_and_shapes() -> None:
    """The tables of classes, traps and shapes say what the rows say."""
    lines = Counter(c for row in ROWS for c in row["cls"] if c)
    spans = Counter(family for row in ROWS for found in row["spans"].values() for family, _ in found)
    classes = {family: [int(cell) for cell in cells[:2]] for family, cells in table("Classes").items()}
    assert {family: [lines[family], spans[family]] for family in lines} == classes
    for heading, field in (("Traps", "traps"), ("Shapes", "shapes")):
        count = Counter(name for row in ROWS for name in row[field])
        assert {name: str(n) for name, n in count.items()} == {n: c[0] for n, c in table(heading).items()}
