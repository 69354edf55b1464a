"""The config `sources`: what is told of each source, and what says so."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpuskit.config import parse
from corpuskit.run.build import build, plan_of

NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
FOOT = "The Mill Press is printed on the paper of its own mill"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The rows of a build over a declared source, one with addresses, one with a folder alone."""
    home = tmp_path_factory.mktemp("sources")
    raw = home / "raw"
    (raw / "letters").mkdir(parents=True)
    (raw / "letters" / "a.txt").write_text("A letter came on Monday, and nobody in the house would open it.")
    (raw / "quay").mkdir()
    (raw / "quay" / "b.txt").write_text("The quay was empty again, and the gulls had it to themselves until noon.")
    (raw / "sources.toml").write_text(
        '[[source]]\nname = "Quay"\nurl = "https://quay.example/"\npublisher = "Quay House"\nlicense = "CC-BY-4.0"\n'
        'files = ["quay/**"]\n'
    )
    pages = [
        {
            "id": f"p{at}",
            "url": f"https://mill.example/{at}",
            "publisher": "Mill Press",
            "license": "CC BY-SA 4.0",
            "date": f"2020-0{at + 1}-02",
            "text": f"In the {name} year the river froze over, and the {name} miller walked across it at night.\n\n"
            f"Nobody saw the {name} of them come back before the {name} thaw.\n\n{FOOT}\n",
        }
        for at, name in enumerate(NUMBERS)
    ]
    (raw / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    config = parse("")
    where = dataclasses.replace(config.build, raw=str(raw), processed=str(home / "out"), workers=1)
    built = build(plan_of(dataclasses.replace(config, build=where), home))
    return {row["source"]: row for row in pq.read_table(built.folder / "sources").to_pylist()}


def test_a_declared_source_has_what_was_declared(rows: dict[str, dict[str, Any]]) -> None:
    """Address, publisher and licence are those of sources.toml, which is named as evidence."""
    row = rows["Quay"]
    assert (True, "https://quay.example/", "Quay House", "CC-BY-4.0") == tuple(
        row[name] for name in ("declared", "url", "publisher", "license")
    )
    assert row["license_evidence"] == "sources.toml, source 'Quay'"


def test_a_derived_source_has_what_its_documents_agree_on(rows: dict[str, dict[str, Any]]) -> None:
    """Site of the addresses, publisher, licence with the words that state it, languages and dates of its documents."""
    row = rows["mill.example"]
    assert (False, "https://mill.example/", "Mill Press", "CC-BY-SA-4.0") == tuple(
        row[name] for name in ("declared", "url", "publisher", "license")
    )
    assert "CC BY-SA 4.0" in row["license_evidence"]
    assert "name: site of the addresses" in row["evidence"]
    assert ("2020-01-02", "2020-09-02", 9, 9) == tuple(
        row[name] for name in ("date_from", "date_to", "documents_read", "documents_kept")
    )
    assert [{"language": "en", "documents": 9}] == row["languages"]


def test_templates_and_what_was_removed_are_told(rows: dict[str, dict[str, Any]]) -> None:
    """The line that the source repeats stands in its row with its zone, and in the sums by family."""
    row = rows["mill.example"]
    assert ["tail"] == [line.partition(":")[0] for line in row["templates"]]
    assert "mill" in row["templates"][0]
    assert 9 == {one["family"]: one["edits"] for one in row["removed"]}["template"]


def test_a_folder_is_a_source_of_which_nothing_else_is_known(rows: dict[str, dict[str, Any]]) -> None:
    """What nobody states is null."""
    row = rows["letters"]
    assert [None] * 5 == [row[name] for name in ("url", "publisher", "license", "license_evidence", "date_from")]
    assert ["name: folder"] == row["evidence"]
