"""Rules of one's own that are edited: between two builds of one process, and while a build runs."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.config import BuildOptions, Config
from corpuskit.errors import InputError
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


def test_rules_that_are_edited_while_a_build_reads_them_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cleaned with them does not stand under the digest of the others."""
    rule(tmp_path, "tea")
    plan = plan_for(tmp_path, "rules")
    true = clean.clean_batch

    def meddled(*given: object) -> object:
        rule(tmp_path, "cocoa")
        return true(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(clean, "clean_batch", meddled)
    with pytest.raises(InputError, match=r"^\[clean\] rules: were changed while the build read them; run again"):
        build(plan)
    monkeypatch.undo()
    rule(tmp_path, "tea")
    assert text(build(plan).folder) == _TEXT.replace("Drink more tea!\n", "")
