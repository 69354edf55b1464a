"""Columns that tell of mixed languages, licences and reservations."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpuskit.config import parse
from corpuskit.run.build import build, plan_of

ENGLISH = "The river froze over in the second week of the year, and the miller walked across it at night with his lamp. "
GERMAN = "Der Fluss fror in der zweiten Woche des Jahres zu, und der Müller ging nachts mit seiner Lampe hinüber. "


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Three documents: of two languages, with statements, with neither."""
    home = tmp_path_factory.mktemp("rights")
    (home / "raw").mkdir()
    texts = {
        "mixed": ENGLISH * 6 + "\n\n" + GERMAN * 6,
        "stated": ENGLISH * 3 + "\n\nThis essay is licensed under CC BY-SA 4.0. Its author reserves text and data mining.",
        "plain": "Am Hafen lagen drei Boote, und keiner der Fischer wollte bei diesem Wind hinaus auf die offene See. " * 2,
    }
    lines = [json.dumps({"id": key, "text": text, "language": None}) for key, text in texts.items()]
    (home / "raw" / "a.jsonl").write_text("\n".join(lines))
    config = parse("")
    where = dataclasses.replace(config.build, raw=str(home / "raw"), processed=str(home / "out"), workers=1)
    built = build(plan_of(dataclasses.replace(config, build=where), home))
    return {row["id"]: row for row in pq.read_table(built.folder / "data").to_pylist()}


def test_a_mixed_text_has_shares_and_no_language(rows: dict[str, dict[str, Any]]) -> None:
    """The shares add up, the language abstains; a text of one language has no shares."""
    mixed = rows["mixed"]
    assert {"en", "de"} == {one["language"] for one in mixed["language_shares"]}
    assert pytest.approx(1, abs=0.01) == sum(one["share"] for one in mixed["language_shares"])
    assert (None, "de", []) == (mixed["language"], rows["plain"]["language"], rows["plain"]["language_shares"])


def test_statements_are_recorded_with_their_words_and_silence_is_null(rows: dict[str, dict[str, Any]]) -> None:
    """Licence as SPDX id with the words that say so, the reservation by its name; nothing is inferred."""
    stated, plain = rows["stated"], rows["plain"]
    assert ("CC-BY-SA-4.0", ["tdm"]) == (stated["license"], stated["opt_outs"])
    assert "CC BY-SA 4.0" in stated["license_evidence"]
    assert (None, None, []) == (plain["license"], plain["license_evidence"], plain["opt_outs"])
