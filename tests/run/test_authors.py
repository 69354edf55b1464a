"""`corpuskit authors`: what a dataset's names are, and the way from a suggestion to an alias that is applied."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpuskit.cli import cli


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three texts by one person under two names, built."""
    rows = [
        {"id": str(at), "source": "Quay", "text": f"The tide of day {at} came back, and the {at} lamps went out.", "author": name}
        for at, name in enumerate(("Mara Voss", "Mara Voss", "M. Voss"))
    ]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "corpuskit.toml").write_text("[build]\nworkers = 1\n")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["build", "-q"]).exit_code == 0
    return tmp_path


def test_from_suggestion_to_alias(corpus: Path) -> None:
    """Names are listed with counts; a suggestion merges nothing until its line is accepted; then evidence says so."""
    shown = CliRunner().invoke(cli, ["authors", "--write", "authors.toml"])
    assert "same? Mara Voss: M. Voss (initials)" in shown.output
    said = json.loads(CliRunner().invoke(cli, ["authors", "--json"]).stdout)
    assert [("Mara Voss", 2), ("M. Voss", 1)] == [(one["name"], one["documents"]) for one in said["names"]]

    (corpus / "corpuskit.toml").write_text('[build]\nworkers = 1\n[metadata]\nauthors = "authors.toml"\n')
    assert CliRunner().invoke(cli, ["build", "-q"]).exit_code == 0
    rows = pq.read_table(corpus / "processed" / "essays" / "data").to_pylist()
    assert ["M. Voss", "Mara Voss", "Mara Voss"] == sorted(row["authors"][0] for row in rows)

    text = (corpus / "authors.toml").read_text()
    (corpus / "authors.toml").write_text(text.replace('# "Mara Voss" = ', '"Mara Voss" = '))
    assert CliRunner().invoke(cli, ["build", "-q"]).exit_code == 0
    rows = pq.read_table(corpus / "processed" / "essays" / "data").to_pylist()
    assert [["Mara Voss"]] * 3 == [row["authors"] for row in rows]
    told = [one for row in rows for one in row["evidence"] if one["rule"] == "authors.alias"]
    assert [("authors.toml: 'M. Voss' is 'Mara Voss'", True)] == [(one["evidence"], one["chosen"]) for one in told]
    said = json.loads(CliRunner().invoke(cli, ["authors", "--json"]).stdout)
    assert [["M. Voss", 1]] == said["names"][0]["variants"]
    assert [] == said["suggestions"]


def test_a_file_that_is_not_there_is_named(corpus: Path) -> None:
    """A missing file of aliases stops the build before anything is done."""
    (corpus / "corpuskit.toml").write_text('[metadata]\nauthors = "autors.toml"\n')
    done = CliRunner().invoke(cli, ["build"])
    assert "autors.toml" in str(done.exception)
