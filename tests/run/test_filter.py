"""Filters in a build: who is dropped, that it is told, and that nobody's copies go with them."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpuskit.config import Config, parse
from corpuskit.run.build import Built, build, plan_of

TALE = "\n\n".join(f"The {n}th lamp of the long quay went out, and nobody who lived there said why." for n in range(40))


def run(home: Path, toml: str = "", until: str = "package") -> Built:
    """Build home/raw into home/out."""
    config: Config = parse(toml)
    place = dataclasses.replace(config.build, raw=str(home / "raw"), processed=str(home / "out"), workers=1)
    return build(plan_of(dataclasses.replace(config, build=place), home), until)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A tale, a copy of it with a note, a short text, and one of which nothing is left."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "tale.txt").write_text(TALE)
    (tmp_path / "raw" / "copy.txt").write_text(f"{TALE}\n\nAnd on the forty-first night all of them burned again.")
    (tmp_path / "raw" / "short.txt").write_text("The tide table hung by the door, and nobody read it.")
    (tmp_path / "raw" / "slot.txt").write_text("Advertisement\n")
    (tmp_path / "raw" / "void.txt").write_text("")
    return tmp_path


def dropped(built: Built) -> dict[str, tuple[str, str, str]]:
    """What the published config says of each path."""
    rows = pq.read_table(built.folder / "dropped").to_pylist()
    return {row["path"]: (row["fate"], row["reason"], row["evidence"]) for row in rows}


def test_nothing_is_dropped_but_empty_texts(corpus: Path) -> None:
    """Without conditions only a document without words is dropped, and what could not be read is listed beside it."""
    built = run(corpus)
    assert built.funnel is not None
    assert (5, 1, 1, 1, 2) == tuple(
        getattr(built.funnel, name) for name in ("read", "quarantined", "filtered", "merged", "kept")
    )
    found = dropped(built)
    assert {"slot.txt", "void.txt"} == set(found)
    assert ("filtered", "empty after cleaning", "nothing is left of the text") == found["slot.txt"]
    assert ("quarantined", "empty") == found["void.txt"][:2]


def test_empty_texts_are_held_when_asked(corpus: Path) -> None:
    """`empty = false` leaves emptied documents to a person."""
    built = run(corpus, "[filter]\nempty = false")
    assert ("held", "empty", "nothing is left of the text") == dropped(built)["slot.txt"]
    assert built.needs_a_look


def test_a_condition_drops_with_reason_and_evidence(corpus: Path) -> None:
    """The condition as it was written, and the values that decided, stand in the funnel, in `dropped` and on the card."""
    built = run(corpus, '[filter]\ndrop = ["words < 3", "words < 50"]')
    assert ("filtered", "words < 50", "words = 11") == dropped(built)["short.txt"]
    assert built.funnel is not None
    assert ("filtered", "words < 50", 1) in built.funnel.reasons
    assert ("words < 50", "words = 11") in {said[1:] for said in built.filtered}
    card = (built.folder / "README.md").read_text()
    assert "drop 2: words &lt; 50" in card
    assert "config `dropped`" in card


def test_a_dropped_text_takes_no_copy_with_it(corpus: Path) -> None:
    """Filters come before dedup: what was a copy of a dropped text is kept itself."""
    kept = {row["path"] for row in pq.read_table(run(corpus).folder / "data", columns=["path"]).to_pylist()}
    assert {"copy.txt", "short.txt"} == kept
    longer = run(corpus, '[filter]\ndrop = ["words > 640"]')
    kept = {row["path"] for row in pq.read_table(longer.folder / "data", columns=["path"]).to_pylist()}
    assert {"tale.txt", "short.txt"} == kept


def test_another_filter_redoes_neither_cleaning_nor_fields(corpus: Path) -> None:
    """The filter is a task of its own: what is before it stays."""
    first = run(corpus, until="enrich")
    again = run(corpus, '[filter]\ndrop = ["words < 50"]', until="enrich")
    fates = sum("fates" in path.read_text() for path in (corpus / "out" / ".build" / "essays" / "tasks").iterdir()) // 2
    assert (fates, first.ran) == (again.ran, again.ran + again.reused)


def test_explain_finds_what_was_dropped(corpus: Path) -> None:
    """`explain` of a dropped document shows its text and why it is not in the dataset."""
    (corpus / "corpuskit.toml").write_text('[build]\nprocessed = "out"\n[filter]\ndrop = ["words < 50"]\n')
    built = run(corpus, (corpus / "corpuskit.toml").read_text())
    key = next(id_ for id_, reason, _ in built.filtered if reason == "words < 50")
    command = [sys.executable, "-m", "corpuskit", "explain", key, "--json"]
    done = subprocess.run(command, cwd=corpus, capture_output=True, check=True)
    said = json.loads(done.stdout)
    assert ("filtered", "words < 50 (words = 11)") == (said["status"], said["reason"])
    assert said["text"].startswith("The tide table")
