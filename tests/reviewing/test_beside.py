"""A copy and the document that holds it, side by side on a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpuskit import schemas
from corpuskit.cli import cli
from corpuskit.errors import InputError
from corpuskit.reviewing.beside import beside, copies_of, holders_of, render_beside, to_json

WALK = "We walked along the sea wall until the lamps went out one after the other and nobody said a word about it"


def write(path: Path, schema: pa.Schema, *rows: dict[str, object]) -> None:
    """Write one file; columns that a row does not name are null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    full = [{**dict.fromkeys(schema.names), **row} for row in rows]
    pq.write_table(pa.Table.from_pylist(full, schema=schema), path)


@pytest.fixture
def processed(tmp_path: Path) -> Path:
    """A dataset of two documents and the build's own files, which have a copy of both."""
    home, objects = tmp_path / "essays", tmp_path / ".build" / "essays" / "objects"
    kept = {"id": "k", "source": "Gazette", "title": "Walk", "text": f"{WALK}, and then the \x1b[31mrain 雨が降る came."}
    write(home / "data" / "train-00000-of-00002.parquet", schemas.DATA, kept)
    other = {"id": "l", "source": "Gazette", "title": "Rain", "text": f"In the rain. {WALK}. Then came the flood."}
    write(home / "data" / "train-00001-of-00002.parquet", schemas.DATA, other)
    star = {"cluster": "k", "kept": "k", "member": "c", "kind": "near", "also": ["l"]}
    write(home / "clusters" / "train-00000-of-00001.parquet", schemas.CLUSTERS, star)
    write(objects / "1.parquet", schemas.CLEANED, {"id": "c", "text": f"By the harbour clerk\n\n{WALK}."})
    write(objects / "2.parquet", schemas.ENRICHED, {"id": "c", "source": "Lantern"})
    (objects.parent / "shards.json").write_text(json.dumps([{"cleaned": "1.parquet", "enriched": "2.parquet"}]))
    return tmp_path


def test_both_are_shown_with_what_each_has_alone(processed: Path) -> None:
    """Common words once over both columns, the others side by side; no control character gets through."""
    found = beside(processed / "essays", processed / ".build" / "essays", "c", "k")
    shown = render_beside(found, width=80)
    assert "c (copy, Lantern)" in shown
    assert "k (kept, Gazette, Walk)" in shown
    assert "- By the harbour clerk" in shown
    assert "22 words in common: We walked along the sea wall" in shown
    assert "+ and then the \\x1b[31mrain" in shown
    assert "\x1b" not in shown
    assert "\x1b" not in to_json(found)
    assert max(map(len, shown.splitlines()[2:])) <= 80
    assert "\x1b[32m" in render_beside(found, colour=True)
    assert WALK in render_beside(found, full=True, width=400)


def test_copies_are_found_from_both_ends(processed: Path) -> None:
    """A copy names what holds it, a kept document its copies; others neither."""
    folder = processed / "essays"
    assert (["k", "l"], []) == (holders_of(folder, "c"), holders_of(folder, "k"))
    assert ([("c", "near")], []) == (copies_of(folder, "k"), copies_of(folder, "c"))


def test_a_text_that_is_nowhere_is_an_error(processed: Path) -> None:
    """Once the build's own files are gone, the text of a copy is in no place that is looked into."""
    with pytest.raises(InputError, match="run `corpuskit build`"):
        beside(processed / "essays", processed / "elsewhere", "c", "k")


def test_the_command_shows_a_copy_beside_its_original(processed: Path) -> None:
    """`explain ID` of a copy is the two columns; of any two with --beside."""
    for arguments in (["c"], ["c", "--beside", "k"]):
        done = CliRunner().invoke(cli, ["explain", *arguments, "--processed", str(processed), "--name", "essays"])
        assert 0 == done.exit_code, done.output
        assert "contained copy" in done.output or "related, no copy" in done.output or "near copy" in done.output
        assert ("l holds it, too" in done.output) == (len(arguments) == 1)
    said = CliRunner().invoke(cli, ["explain", "c", "--processed", str(processed), "--name", "essays", "--json"]).output
    assert ["c", "k"] == [json.loads(said)[side]["id"] for side in ("left", "right")]
