"""Rules of one's own that are edited: between two builds of one process, and while a build runs."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.cli import cli
from corpuskit.config import BuildOptions, Config
from corpuskit.run.build import Plan, build, plan_of, planned
from corpuskit.tasks import clean

_TEXT = "She poured the water and sat down to wait.\nDrink more tea!\nDrink more cocoa!\nThen the evening came, and no word.\n"
_RULE = """
[[rule]]
id = "promo.en.tea"
any_of = ["drink more {word}[.!]?"]
why = "A slogan of the house."
removes = ["She poured.\\n⟦Drink more {word}!⟧"]
keeps = ["Drink more {word} than wine.", "They drink more {word} now."]
"""


def rule(home: Path, word: str) -> Path:
    """Write the only file of rules."""
    path = home / "rules" / "promo" / "en.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_RULE.format(word=word))
    return path


def plan_for(home: Path, rules: str) -> Plan:
    """A build of one text with these rules."""
    raw = home / "raw"
    raw.mkdir(exist_ok=True)
    (raw / "a.txt").write_text(_TEXT)
    where = BuildOptions(raw=str(raw), processed=str(home / "out"), workers=1)
    return plan_of(Config(build=where, clean=CleanOptions(rules=(str(home / rules),))), home)


def text(folder: Path) -> str:
    """The only text of a dataset."""
    return str(pq.read_table(folder / "data", columns=["text"]).column(0)[0])


@pytest.mark.parametrize("rules", ["rules", "rules/promo/en.toml"])
def test_edited_rules_act_in_the_next_build_of_the_same_process(tmp_path: Path, rules: str) -> None:
    """As in a notebook, or on a Dask worker that stands; a single file counts as its folder does."""
    rule(tmp_path, "tea")
    plan = plan_for(tmp_path, rules)
    assert text(build(plan).folder) == _TEXT.replace("Drink more tea!\n", "")
    rule(tmp_path, "cocoa")
    assert {one.why for one in planned(plan).due if one.certain} == {("rules of your own is changed",)}
    assert text(build(plan).folder) == _TEXT.replace("Drink more cocoa!\n", "")


def test_rules_that_are_edited_while_a_build_runs_act_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks take them along as they were when it began: no text is cleaned with others than its key says."""
    rule(tmp_path, "tea")
    plan = plan_for(tmp_path, "rules")
    true = clean.cleaner

    def meddled(*given: object) -> object:
        rule(tmp_path, "cocoa")
        return true(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(clean, "cleaner", meddled)
    assert text(build(plan).folder) == _TEXT.replace("Drink more tea!\n", "")
    monkeypatch.undo()
    assert text(build(plan).folder) == _TEXT.replace("Drink more cocoa!\n", "")


def test_rules_count_from_the_folder_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As all other paths in it do, for builds and `explain`; where the folder lies redoes nothing."""
    rule(tmp_path, "tea")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text(_TEXT)
    (tmp_path / "corpuskit.toml").write_text("[build]\nworkers = 1\n[clean]\nrules = ['rules']\n")
    where = ["-c", str(tmp_path / "corpuskit.toml")]
    assert CliRunner().invoke(cli, ["build", *where]).exit_code == 0
    assert text(tmp_path / "processed" / "essays") == _TEXT.replace("Drink more tea!\n", "")
    assert "promo.en.tea" in CliRunner().invoke(cli, ["explain", str(tmp_path / "raw" / "a.txt"), *where]).output
    (tmp_path / "rules").rename(tmp_path / "moved")
    (tmp_path / "corpuskit.toml").write_text("[build]\nworkers = 1\n[clean]\nrules = ['moved']\n")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["build", "--plan"]).output.startswith("nothing to do")
