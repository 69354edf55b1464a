"""The loss budget of sources and rules in a build: who is held with whom, and how a person releases them."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.cleaning.budget import SCALE, judge, losses
from corpuskit.cleaning.options import Options
from corpuskit.cli import cli
from corpuskit.config import load, parse
from corpuskit.errors import ConfigError
from corpuskit.model import Edit
from corpuskit.reviewing.decisions import Decisions, load_decisions
from corpuskit.run.build import Built, build, clean_cache, plan_of, planned

WORDS = ("lamp", "quay", "rope", "tide", "salt", "barge", "crane", "fog", "gull", "mast", "pier", "sail")

#: A rule of a user that means a phrase and takes every line with a ship in it.
BAD = """
[[rule]]
id = "promo.en.ship"
scope = "line"
max_chars = 400
any_of = ['''the ship .*''']
why = "Asks to book a passage."
removes = ["⟦The ship leaves at noon.\\n⟧It rained."]
keeps = ["A ship leaves.", "By the ship they stood."]
"""
TOML = '[clean]\nrules = ["rules"]\nmodel = false\nlearn_templates = false\nbudget_rule_words = 6\nbudget_source_words = 12\n'


def essay(seed: int, begin: str) -> str:
    """Twenty lines of nonsense, each of 21 words and with the same beginning."""
    draw = random.Random(seed)
    return "\n".join(f"{begin} {' '.join(draw.choices(WORDS, k=19))}." for _ in range(20)) + "\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six texts of a source about ships, one of them about none, and four of another, with one line about a ship."""
    rules = tmp_path / "rules" / "promo"
    rules.mkdir(parents=True)
    (rules / "en.toml").write_text(BAD, encoding="utf-8")
    for number in range(5):
        path = tmp_path / "raw" / "harbour" / f"ship-{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        # a page of rust stays, so that the text is not emptied
        path.write_text(essay(number, "The ship") + essay(90 + number, "Some rust")[:200] + "\n", encoding="utf-8")
    (tmp_path / "raw" / "harbour" / "walls.txt").write_text(essay(10, "The wall"), encoding="utf-8")
    for number in range(4):
        path = tmp_path / "raw" / "garden" / f"tree-{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(essay(20 + number, "The tree") + "The ship was a toy.\n", encoding="utf-8")
    return tmp_path


def run(home: Path, toml: str = TOML, until: str = "package", workers: int = 1, raw: str = "raw", out: str = "out") -> Built:
    """Build home/raw into home/out."""
    config = parse(toml)
    clean = dataclasses.replace(config.clean, rules=(str(home / "rules"),))
    place = dataclasses.replace(config.build, raw=str(home / raw), processed=str(home / out), workers=workers)
    return build(plan_of(dataclasses.replace(config, build=place, clean=clean), home), until)


def dropped(built: Built) -> dict[str, tuple[str, str, str]]:
    """What the published config says of each path."""
    path = built.folder / "dropped"
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    return {row["path"]: (row["fate"], row["reason"], row["evidence"]) for row in rows}


def test_a_rule_that_eats_a_source_is_held_there(corpus: Path) -> None:
    """Each text keeps to its own budget; together they do not: those that carry the rule are held, and nobody else."""
    built = run(corpus)
    found = dropped(built)
    assert {f"harbour/ship-{number}.txt" for number in range(5)} == set(found)
    fate, reason, evidence = found["harbour/ship-0.txt"]
    assert ("held", "loss-budget of promo.en.ship in the source harbour") == (fate, reason)
    # 5 texts of 20 lines of 21 words, at a confidence of 0.99
    assert "21.0 good words may be lost, 8.2 are allowed" == evidence
    assert [("harbour", "promo.en.ship")] == [(one.source, one.rule) for one in built.exceeded]
    assert built.needs_a_look
    assert built.funnel is not None
    assert ("held", reason, 5) in built.funnel.reasons
    assert "loss-budget of promo.en.ship in the source harbour" in (built.folder / "README.md").read_text()


def test_emptied_texts_are_held_with_their_source(corpus: Path) -> None:
    """A rule that leaves nothing of the texts does not make them disappear as empty ones."""
    for number in range(5):
        (corpus / "raw" / "harbour" / f"ship-{number}.txt").write_text(essay(number, "The ship"), encoding="utf-8")
    assert {"held"} == {fate for fate, _, _ in dropped(run(corpus)).values()}


def test_a_source_is_held_when_its_rules_together_take_too_much(corpus: Path) -> None:
    """Where no rule exceeds its share, the sum over all rules of the source still may."""
    built = run(corpus, TOML.replace("rule_words = 6", "rule_words = 1000").replace("source_words = 12", "source_words = 20"))
    assert [("harbour", "")] == [(one.source, one.rule) for one in built.exceeded]
    assert {"loss-budget of the source harbour"} == {reason for _, reason, _ in dropped(built).values()}
    assert "harbour/walls.txt" not in dropped(built)  # nothing was cut there


def test_what_a_rule_is_held_for_does_not_burden_the_source(corpus: Path) -> None:
    """The source is judged by the documents that are left when those with the rule are held."""
    built = run(corpus, TOML.replace("source_words = 12", "source_words = 1"))
    assert [("harbour", "promo.en.ship")] == [(one.source, one.rule) for one in built.exceeded]


@pytest.mark.parametrize(
    "release",
    [
        'source = "harbour"\nrule = "promo.en.ship"',
        'rule = "promo.en.ship"\nwhy = "They are all advertisements."',
    ],
)
def test_a_rule_is_released_by_a_decision(corpus: Path, release: str) -> None:
    """A released rule may take what it takes; nothing is cleaned again for it."""
    tasks = corpus / "out" / ".build" / "essays" / "tasks"
    run(corpus)
    before = {path.name for path in tasks.iterdir() if "cleaned.parquet" in path.read_text()}
    (corpus / "decisions.toml").write_text(f"[[release]]\n{release}\n")
    built = run(corpus, TOML + 'decisions = "decisions.toml"\n')
    assert ((), ()) == (built.held, built.exceeded)
    assert not built.needs_a_look
    assert before
    assert before == {path.name for path in tasks.iterdir() if "cleaned.parquet" in path.read_text()}


def test_a_document_is_released_by_a_decision(corpus: Path) -> None:
    """A released document is published as it was cleaned, and burdens its source no more."""
    first = run(corpus)
    some = sorted(id_ for id_, _ in first.held)[:4]
    (corpus / "decisions.toml").write_text("".join(f'[[release]]\ndocument = "{id_}"\n' for id_ in some))
    built = run(corpus, TOML + 'decisions = "decisions.toml"\n')
    # one document with the rule is left, and that is no more than the source can bear
    assert () == built.held
    assert set(some) <= set(pq.read_table(built.folder / "data", columns=["id"]).column("id").to_pylist())


def test_a_document_held_by_its_own_budget_is_released_too(corpus: Path) -> None:
    """The same decision answers for the budget of one document; an emptied one is dropped then."""
    toml = TOML.replace("budget_rule_words = 6", "budget_rule_words = 1e6\nbudget_words = 0\nbudget_share = 0")
    toml = toml.replace("source_words = 12", "source_words = 1e6") + 'decisions = "decisions.toml"\n'
    (corpus / "raw" / "harbour" / "ship-0.txt").write_text(essay(0, "The ship"), encoding="utf-8")
    (corpus / "decisions.toml").write_text("")
    first = run(corpus, toml)
    assert {"loss-budget"} == {reason.partition(":")[0] for _, reason in first.held}
    assert 9 == len(first.held)
    (corpus / "decisions.toml").write_text("".join(f'[[release]]\ndocument = "{id_}"\n' for id_, _ in first.held))
    second = run(corpus, toml)
    assert () == second.held
    assert {"harbour/ship-0.txt": ("filtered", "empty after cleaning", "nothing is left of the text")} == dropped(second)


def test_other_shares_redo_no_cleaning(corpus: Path) -> None:
    """The shares of sources and rules are judged over what was weighed: nothing before that is done again."""
    first = run(corpus, until="clean")
    again = run(corpus, TOML.replace("rule_words = 6", "rule_words = 100"), until="clean")
    assert (1, first.ran - 1) == (again.ran, again.reused - first.reused)
    assert (1, 1) == (len(first.exceeded), len(again.exceeded))
    assert ["promo.en.ship", ""] == [one.rule for built in (first, again) for one in built.exceeded]


def test_the_bytes_do_not_depend_on_workers_or_on_how_the_corpus_grew(corpus: Path) -> None:
    """One worker or two, at once or file by file: the same documents are held, and the dataset is the same."""
    once = run(corpus)
    (corpus / "grown").mkdir()
    files = sorted(path for path in (corpus / "raw").rglob("*.txt"))
    for part in (files[::-1][:4], files):
        for path in part:
            target = corpus / "grown" / path.relative_to(corpus / "raw")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        grown = run(corpus, raw="grown", out="other", workers=2)
    assert (once.digest, once.held, once.exceeded) == (grown.digest, grown.held, grown.exceeded)
    assert (once.folder / "README.md").read_bytes() == (grown.folder / "README.md").read_bytes()


def test_the_ledger_of_what_is_held_together_stays_in_the_cache(corpus: Path) -> None:
    """Emptying the cache spares the cleaned texts of documents that are held with their source."""
    run(corpus)
    config = parse(TOML)
    place = dataclasses.replace(config.build, raw=str(corpus / "raw"), processed=str(corpus / "out"))
    plan = plan_of(dataclasses.replace(config, build=place), corpus)
    clean_cache(plan, everything=True)
    kept = [pq.read_schema(path).names for path in plan.store.objects.iterdir()]
    assert any("edits" in names and "suspects" in names for names in kept)


def test_the_command_says_what_is_over_budget(corpus: Path) -> None:
    """Exit code 3, the source and rule by name on the terminal and in the JSON."""
    (corpus / "corpuskit.toml").write_text(
        TOML.replace('"rules"', json.dumps(str(corpus / "rules"))) + '[build]\nprocessed = "out"\n'
    )
    options = ["-c", str(corpus / "corpuskit.toml")]
    done = CliRunner().invoke(cli, ["build", *options])
    assert 3 == done.exit_code, done.output
    assert "over the loss budget promo.en.ship in harbour: 21.0 good words" in done.output
    said = json.loads(CliRunner().invoke(cli, ["build", "--json", *options]).stdout)
    assert [("harbour", "promo.en.ship")] == [(one["source"], one["rule"]) for one in said["over_budget"]]
    assert 5 == len(said["held"])


EDITS = st.lists(
    st.tuples(st.sampled_from(["a.b.c", "a.b.d"]), st.text("ab \n漢字", min_size=1), st.sampled_from(["", "x"]),
              st.integers(0, 1000)),
    max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(EDITS, max_size=6), st.randoms(use_true_random=False))
def test_losses_add_up_in_any_order(ledgers: list[list[tuple[str, str, str, int]]], draw: random.Random) -> None:
    """What documents lose together is the sum of what each loses, in whatever order and batch they come."""
    made = [
        [Edit(rule, 0, len(removed), removed, inserted, "", thousandths / SCALE) for rule, removed, inserted, thousandths in one]
        for one in ledgers
    ]
    together = losses(made)
    mixed = list(zip(made, together, strict=True))
    draw.shuffle(mixed)
    assert [one for _, one in mixed] == [losses([ledger])[0] for ledger, _ in mixed]
    for ledger, (removed, lost) in mixed:
        assert all(one.lost > 0 for one in lost)
        assert sum(one.lost for one in lost) <= removed * SCALE
        if all(edit.inserted for edit in ledger):
            assert (0, ()) == (removed, lost)


def test_a_share_is_of_the_words_and_has_a_floor() -> None:
    """A small source may lose the floor, a large one its share of words, and both exactly so much."""
    options = Options(budget_rule_words=10, budget_rule_share=0.01, budget_source_words=20, budget_source_share=0.02)
    for words, allowed in ((100, 10_000), (5_000, 50_000)):
        assert [] == judge({"s": words}, {("s", "r"): allowed}, options, whole=False)
        (one,) = judge({"s": words}, {("s", "r"): allowed + 1}, options, whole=False)
        assert (allowed, allowed + 1) == (one.allowed, one.lost)
    sums = {("s", rule): 60_000 for rule in ("q", "r")}
    assert [("s", "")] == [(one.source, one.rule) for one in judge({"s": 5_000}, sums, options, whole=True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[release]\nrule = 'a'", "in double brackets"),
        ("[[relase]]\nrule = 'a'", "did you mean 'release'"),
        ("[[release]]\nrul = 'a'", "did you mean 'rule'"),
        ("[[release]]\nrule = 1", "text is wanted"),
        ("[[release]]\nwhy = 'because'", "name a document"),
        ("[[release]]\ndocument = 'a'\nsource = 'b'", "name a document"),
        ("[[release", "decisions.toml: "),
    ],
)
def test_decisions_that_say_nothing_clear_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """Each slip is named with the file and the entry."""
    (tmp_path / "decisions.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"decisions\.toml") as caught:
        load_decisions(tmp_path, "decisions.toml")
    assert said in str(caught.value)


def test_a_missing_file_of_decisions_is_refused(tmp_path: Path) -> None:
    """A name without a file is an error, no name is no decision."""
    with pytest.raises(ConfigError, match="No such file"):
        load_decisions(tmp_path, "none.toml")
    assert Decisions() == load_decisions(tmp_path, "")


def test_decisions_are_sorted_whatever_their_order(tmp_path: Path) -> None:
    """The same decisions in another order are the same value, so that nothing is done again for it."""
    entries = ['document = "x"', 'document = "a"', 'source = ""', 'source = "s"\nrule = "r"', 'rule = "q"']
    found = set()
    for order in itertools.islice(itertools.permutations(entries), 0, 120, 17):
        (tmp_path / "d.toml").write_text("".join(f"[[release]]\n{one}\n" for one in order))
        found.add(load_decisions(tmp_path, "d.toml"))
    assert {Decisions(("a", "x"), ("",), (("s", "r"),), ("q",))} == found


def test_rules_of_ones_own_count_from_the_configuration(corpus: Path) -> None:
    """`[clean] rules` is found from any folder, and a rule that changes family, or stands in a single file, is a change."""
    (corpus / "corpuskit.toml").write_text('[clean]\nrules = ["rules/promo/en.toml"]\n[build]\nprocessed = "out"\n')
    ship = corpus / "raw" / "harbour" / "ship-0.txt"
    rows = corpus / "in.jsonl"
    rows.write_text(json.dumps({"text": essay(1, "The ship")}) + "\n")
    for command in (["build", "-q"], ["clean", str(rows)], ["explain", str(ship)], ["rules", "show", "promo.en.ship"]):
        call = [sys.executable, "-m", "corpuskit", *command, "-c", str(corpus / "corpuskit.toml")]
        done = subprocess.run(call, cwd=corpus / "raw", capture_output=True, text=True, check=False)
        assert done.returncode in (0, 3), done.stderr
        assert command[0] == "build" or "promo.en.ship" in done.stdout
    plan = plan_of(load(corpus / "corpuskit.toml"), corpus)
    (corpus / "rules" / "promo" / "en.toml").write_text(BAD + "confidence = 0.98\n")
    assert any("rules of your own" in why for due in planned(plan, "clean").due for why in due.why)
