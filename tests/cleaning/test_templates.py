"""Source templates: what is learnt, what never is, and that a list acts only where it was learnt."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit import schemas
from corpuskit.cleaning import Options, Owner, Templates, clean_batch
from corpuskit.cleaning.learning import tail_probability
from corpuskit.cleaning.slots import known_values, normalise
from corpuskit.cleaning.templates import RULE, Template, joined, parse
from corpuskit.cli import cli
from corpuskit.config import Config, load
from corpuskit.errors import ConfigError
from corpuskit.model import Candidate, Document, Provenance
from corpuskit.run.build import Plan, build, plan_of
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job
from corpuskit.tasks.templates import Parts, learn_from, learn_part, read_list, sight
from corpuskit.text import apply, check, restore

#: Nothing but templates acts, so that what is gone went by them.
ONLY = Options(
    model=False,
    disable=("ad-marker", "caption", "byline", "dateline", "bio", "promo", "related", "share", "comment", "nav", "dup"),
)
SHARE = "Follow the Evening Gazette wherever you happen to be"
LEGAL = "Printed and published on the quay since 1887"


def prose(seed: int, paragraphs: int = 4) -> list[str]:
    """Paragraphs that no other seed has."""
    dice = random.Random(seed)
    words = ("harbour", "winter", "letter", "orchard", "engine", "morning", "copper", "garden", "window", "river")
    return [
        " ".join(
            f"{dice.choice(words)} {dice.choice(words)} {dice.randrange(1 << 30):x}" for _ in range(14)
        ).capitalize()
        + "."
        for _ in range(paragraphs)
    ]


def dressed(seed: int, top: Sequence[str] = (), bottom: Sequence[str] = (SHARE, LEGAL)) -> str:
    """An article of its own in the dress of a site."""
    return "\n".join([*top, *prose(seed), *bottom]) + "\n"


def learnt(
    texts: Sequence[str], folder: Path, source: str = "lantern", given: Sequence[tuple[Candidate, ...]] = ()
) -> Templates:
    """The templates of one source."""
    fields = given or [()] * len(texts)
    rows = [([text], [source], [known_values(source, one)]) for text, one in zip(texts, fields, strict=True)]
    return learn_from(iter(rows), folder)


def lines_of(templates: Templates, zone: str = "") -> list[str]:
    """The lines of a list, in one zone or in any."""
    return sorted({one.line for one in templates.entries if zone in ("", one.zone)})


def cleaned(text: str, templates: Templates, source: str = "lantern") -> str:
    """What templates alone leave of a text."""
    return clean_batch([text], ONLY, [Owner(source)], templates)[0].text


# ------------------------------------------------------------------------------------------ learning


def test_five_documents_are_enough(tmp_path: Path) -> None:
    """Five different documents that end alike teach how their source ends; four teach nothing."""
    texts = [dressed(seed) for seed in range(5)]
    assert lines_of(learnt(texts, tmp_path)) == [normalise(SHARE), normalise(LEGAL)]
    assert lines_of(learnt(texts[:4], tmp_path)) == []


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(12)))
def test_the_order_of_documents_does_not_matter(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    """Any order of the same documents, in one batch or in many, gives the same list with the same samples."""
    texts = [
        dressed(seed, bottom=(SHARE, f"Copyright {1990 + seed} by the evening press, all rights reserved"))
        for seed in range(12)
    ]
    folder = tmp_path_factory.mktemp("seen")
    straight = learn_from(iter([(texts, ["lantern"] * 12, [()] * 12)]), folder)
    assert len(straight.entries) == 2
    assert straight == learn_from(iter([([texts[n]], ["lantern"], [()]) for n in order]), folder)


def test_exact_copies_count_once(tmp_path: Path) -> None:
    """One article that a source holds nine times, beside five others, makes no line of it a template."""
    copy = "\n".join(prose(99)) + "\n"
    found = learnt([copy] * 9 + [dressed(seed) for seed in range(5)], tmp_path)
    assert lines_of(found) == [normalise(SHARE), normalise(LEGAL)]
    assert {one.documents for one in found.entries} == {5}


def test_edited_copies_count_once(tmp_path: Path) -> None:
    """Copies of one article that differ in a paragraph or are cut off make none of its lines templates."""
    body = prose(99, 6)
    copies = [
        "\n".join([*body[:n], f"The editors changed this paragraph {'again ' * n}.", *body[n + 1 :]]) for n in range(6)
    ]
    copies += ["\n".join(body[:4]), "\n".join(body[1:])]
    found = learnt(copies + [dressed(seed) for seed in range(8)], tmp_path)
    assert lines_of(found) == [normalise(SHARE), normalise(LEGAL)]


NEAR_MISSES = {
    "headings over the text's own": lambda n: [
        "Introduction", *prose(n, 2), "What we know so far", *prose(n + 500, 2), "Conclusion", *prose(n + 900, 1),
    ],
    "a recipe's headings and pantry": lambda n: [
        "Ingredients", "Salt and pepper to taste", f"{n} {prose(n, 1)[0][:20]}", "2 eggs", "Method", *prose(n, 2),
    ],
    "labels of speakers and a question that all are asked": lambda n: [
        "Q:", "How did you begin?", "A:", *prose(n, 1), "Q:", f"{prose(n, 2)[1][:40]}?", "A:", *prose(n + 900, 2),
    ],
    "a refrain": lambda n: [line for p in prose(n, 3) for line in (p[:50], p[50:90], "And the river knows my name.")],
    "a diary's dates": lambda n: [line for day, p in enumerate(prose(n, 3)) for line in (f"{day + 2} March 1921", p)],
    "a salutation": lambda n: ["Dear readers,", *prose(n, 3)],
    "the last words of a play": lambda n: [
        "MARIA", prose(n, 1)[0][:60], "THE GARDENER", prose(n, 2)[1][:60], *prose(n + 500, 1), "The End",
    ],
    "a saying between paragraphs of a few": lambda n: [
        *prose(n, 2), *["The rest, as they say, is history."][n % 4 :], *prose(n + 500, 2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
@pytest.mark.parametrize("count", [6, 30])
def test_near_misses_stay(tmp_path: Path, name: str, count: int) -> None:
    """What belongs to the texts is no template, however many documents of the source have it."""
    texts = ["\n".join([*NEAR_MISSES[name](seed), SHARE, LEGAL]) for seed in range(count)]
    assert lines_of(learnt(texts, tmp_path)) == [normalise(SHARE), normalise(LEGAL)]


def test_a_menu_above_the_title_is_learnt(tmp_path: Path) -> None:
    """The banner and the one-word items below it are one block over titles that differ."""
    menu = ["The Evening Post", "News", "Weather", "Chess"]
    found = learnt([dressed(seed, top=[*menu, prose(seed + 70, 1)[0][:30]], bottom=()) for seed in range(9)], tmp_path)
    assert lines_of(found, "head") == sorted(map(normalise, menu))


def test_numbers_dates_and_given_fields_are_slots(tmp_path: Path) -> None:
    """Lines that differ in a date and in the author that came with the document are one template."""
    names = ["Ada Lindqvist", "Bo Ekholm", "Carla Mendes", "Dag Nyström", "Eva Kowalska", "Finn Aarestad"]
    texts = [
        dressed(n, top=(f"Story {n}", f"Published {n + 3} March 20{n + 10} by {who}")) for n, who in enumerate(names)
    ]
    given = [(Candidate("author", who, "given", "column"),) for who in names]
    assert "published 0 ⟨date⟩ 0 by ⟨author⟩" in lines_of(learnt(texts, tmp_path, given=given), "head")


def test_titles_are_no_templates(tmp_path: Path) -> None:
    """Every document has its title, and none loses it."""
    titles = [p[:30] for n in range(8) for p in prose(n + 50, 1)]
    given = [(Candidate("title", title, "given", "column"),) for title in titles]
    found = learnt([dressed(n, top=(title,)) for n, title in enumerate(titles)], tmp_path, given=given)
    assert lines_of(found, "head") == []


SERIES = {
    "over its text": lambda n: [f"Letters from the Lantern {n}"],
    "over a title of its own": lambda n: [f"Letters from the Quay, No. {n}", prose(n + 50, 1)[0][:30]],
    "over the author": lambda n: [f"Letters from the Lantern {n}", "By Ada Lindqvist"],
    "beside the name of the site": lambda n: [f"Letters from the Quay {n} | The Lantern"],
    "below the name of the site": lambda n: ["The Lantern", f"Letters from the Lantern {n}"],
}  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("paragraphs", [2, 9])
def test_titles_of_a_numbered_series_are_no_templates(tmp_path: Path, name: str, paragraphs: int) -> None:
    """What tells the parts of a series apart is their number: their titles stay, at the top of short texts, too."""
    texts = ["\n".join([*SERIES[name](n), *prose(n, paragraphs)]) for n in range(1, 11)]
    assert not [line for line in lines_of(learnt(texts, tmp_path)) if line.startswith("letters")]


NUMBERED = {
    "an issue that several texts are of": lambda n: [f"Issue {n // 3} - Home", prose(n + 50, 1)[0][:30]],
    "minutes to read": lambda n: [f"The Lantern: {n % 4} min read"],
    "a date, over the title": lambda n: [f"The Lantern, {n} March 2021", prose(n + 50, 1)[0][:30]],
    "a date in numbers": lambda n: [f"The Lantern, 2021-03-{n}"],
    "a menu": lambda n: [f"Home | Issue {n}", prose(n + 50, 1)[0][:30]],
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERED)
def test_other_numbered_lines_at_the_top_are(tmp_path: Path, name: str) -> None:
    """A numbered line is a template where its numbers come again, or are a date, or where it is a menu."""
    lines = [NUMBERED[name](n) for n in range(1, 13)]
    found = learnt(["\n".join([*top, *prose(n, 3)]) for n, top in enumerate(lines)], tmp_path)
    assert lines_of(found, "head") == [normalise(lines[0][0], known_values("lantern", ()))]


@given(st.integers(1, 40), st.integers(0, 40), st.sampled_from([0.01, 0.1, 0.25]))
def test_the_tail_is_the_binomial_one(total: int, count: int, chance: float) -> None:
    """Where the tail is used, above the mean, it is the sum of the binomial terms."""
    from math import comb

    terms = [comb(total, k) * chance**k * (1 - chance) ** (total - k) for k in range(count, total + 1)]
    expected = 1.0 if count <= total * chance else sum(terms)
    assert expected == pytest.approx(tail_probability(count, total, chance) if count <= total else 0.0, rel=1e-6)


def shards_of(texts: Sequence[str], folder: Path, size: int, parts: int, sources: int) -> Templates:
    """What the tasks learn from shards of `size` documents of `sources` sources, in `parts` partitions."""
    rows = [Document(f"{n:04d}", f"source {n % sources}", text, Provenance(f"{n}.txt")) for n, text in enumerate(texts)]
    files = []
    for at in range(0, len(rows), size):
        out = folder / f"{size}-{parts}-{at}"
        out.mkdir()
        shards.write(out / "documents.parquet", schemas.DOCUMENTS, [schemas.documents_batch(rows[at : at + size])])
        sight(Job({"documents": (out / "documents.parquet",)}, out, Parts(parts)))
        files.append(out)
    found = []
    for part in range(parts):
        learn_part(Job({"seen": tuple(out / f"seen-{part:04d}.parquet" for out in files)}, folder, None))
        found.append(read_list(folder / "learnt.json"))
    return joined(found)


def test_shards_and_partitions_do_not_matter(tmp_path: Path) -> None:
    """Tasks over any number of shards and partitions learn the same list."""
    texts = [
        dressed(n, bottom=(SHARE, f"The {('tide', 'moon')[n % 2]} table hangs beside the door.")) for n in range(24)
    ]
    one = shards_of(texts, tmp_path, 24, 1, 2)
    assert [(t.source, t.documents) for t in one.entries] == [("source 0", 12)] * 2 + [("source 1", 12)] * 2
    assert one == shards_of(texts, tmp_path, 5, 3, 2)


def test_a_large_source_shows_a_fixed_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a source past the limit the same documents are looked at however they are sharded."""
    monkeypatch.setattr("corpuskit.tasks.templates.MOST_DOCUMENTS", 12)
    monkeypatch.setattr("corpuskit.cleaning.learning.MOST_DOCUMENTS", 12)
    texts = [dressed(n, bottom=(SHARE,) if n % 3 else ()) for n in range(40)]
    one = shards_of(texts, tmp_path, 40, 1, 1)
    assert [t.of for t in one.entries] == [12]
    assert one == shards_of(texts, tmp_path, 7, 2, 1)


# ------------------------------------------------------------------------------------------ applying


PINNED = Templates((Template("lantern", "tail", normalise(SHARE), 9, 12, 0.98),), ("lantern",))


def test_a_template_acts_in_its_zone_alone() -> None:
    """The same line goes from the end of a document and stays between its paragraphs."""
    first, second = "\n".join(prose(1)), "\n".join(prose(2, 7))
    assert cleaned(f"{first}\n{SHARE}\n", PINNED) == f"{first}\n"
    between = f"{first}\n{SHARE}\n{second}\n"
    assert cleaned(between, PINNED) == between


def test_a_template_acts_on_its_source_alone() -> None:
    """Another source, and a document without one, keep the line."""
    text = dressed(1, bottom=(SHARE,))
    assert [cleaned(text, PINNED, source) == text for source in ("lantern", "herald", "")] == [False, True, True]


def test_a_document_without_source_teaches_nothing(tmp_path: Path) -> None:
    """Documents of no source have no templates, however alike they end."""
    assert learnt([dressed(seed) for seed in range(9)], tmp_path, source="").entries == ()


def test_the_edit_says_why() -> None:
    """The ledger names the rule, the counts and the confidence of the template."""
    (edit,) = clean_batch([dressed(1, bottom=(SHARE,))], ONLY, [Owner("lantern")], PINNED)[0].ledger
    said = (edit.rule, edit.removed, edit.evidence, edit.confidence)
    assert said == (RULE, SHARE + "\n", "stands in the tail of 9 of 12 documents of 'lantern'", 0.98)


@given(
    st.lists(
        st.sampled_from([SHARE, LEGAL, "", "  ", "A short line", *prose(5), "caf\u00c3\u00a9 in the square"]),
        max_size=25,
    )
)
def test_the_laws_hold_with_templates(lines: list[str]) -> None:
    """The account adds up, and cleaning the clean text again cuts no further template."""
    raw = "\n".join(lines)
    one = clean_batch([raw], ONLY, [Owner("lantern")], PINNED)[0]
    check(raw, one.text, one.ledger)
    assert (apply(raw, one.ledger), restore(one.text, one.ledger)) == (one.text, raw)


def test_templates_can_be_switched_off() -> None:
    """A disabled family makes no edits."""
    text = dressed(1)
    options = replace(ONLY, disable=(*ONLY.disable, "template"))
    assert clean_batch([text], options, [Owner("lantern")], PINNED)[0].text == text


# ------------------------------------------------------------------------------------------ lists


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(line: str) -> None:
    """A normalised line is its own normal form, so a person may write templates as they read."""
    assert normalise(line) == normalise(normalise(line))


@given(
    st.lists(
        st.builds(
            Template,
            source=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
            zone=st.sampled_from(["head", "between", "tail"]),
            line=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(normalise).filter(bool),
            documents=st.integers(3, 500),
            of=st.integers(500, 900),
            confidence=st.sampled_from([0.94, 0.97, 0.985]),
            sample=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        ),
        max_size=4,
    )
)
def test_a_list_survives_its_file(entries: list[Template]) -> None:
    """What is written as TOML is read back as it was, whatever the lines hold."""
    slotted = {replace(one, line=normalise(one.line, known_values(one.source, ()))) for one in entries}
    written = Templates(tuple(sorted(slotted)), tuple(sorted({one.source for one in entries})))
    assert parse(written.to_toml()) == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[template]]\nsource = 'a'\nzone = 'tale'\nline = 'x y'", "did you mean 'tail'"),
        ("[[template]]\nsource = 'a'\nzone = 'tail'\nlines = 'x y'", "did you mean 'line'"),
        ("[[template]]\nsource = 'a'\nzone = 'tail'", "line is missing"),
        ("[[templates]]\nsource = 'a'", "did you mean 'template'"),
        ("[[template]]\nsource = 'a'\nzone = 'tail'\nline = 'x'\nconfidence = 3", "at most 1"),
        ("sources = 'a'", "a list of source names"),
        ("template = ]", "mine.toml"),
    ],
)
def test_a_wrong_file_is_told(text: str, said: str) -> None:
    """A slip of the pen names the file and the nearest known word."""
    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        parse(text, "mine.toml")
    assert said in str(caught.value)


def test_a_pinned_file_is_the_last_word_for_its_sources() -> None:
    """What a person deleted from the list of a source does not come back, and other sources still learn."""
    learnt_list = Templates(
        (Template("lantern", "tail", "deleted line", 5, 6, 0.97), Template("herald", "tail", "kept line", 5, 6, 0.97))
    )
    assert [one.line for one in learnt_list.under(PINNED).entries] == ["kept line", normalise(SHARE)]


def test_small_changes_of_counts_do_not_change_what_is_applied() -> None:
    """One more document changes the counts a person reads, and not the digest that cleaning depends on."""
    lists = [Templates((Template("a", "tail", "x y z", n, n + 3, 0.985, f"X Y Z {n}"),)) for n in (11, 12)]
    assert lists[0].digest != lists[1].digest
    assert lists[0].coarse().digest == lists[1].coarse().digest


# ------------------------------------------------------------------------------------------ the build and the filter


def corpus(folder: Path, count: int = 8) -> Path:
    """A raw folder with two sources: one with a dress, one without."""
    for name in ("harbour", "hill"):
        (folder / "raw" / name).mkdir(parents=True, exist_ok=True)
    declared = "".join(f'[[source]]\nname = "{name}"\nfiles = ["{name}/**"]\n' for name in ("harbour", "hill"))
    (folder / "raw" / "sources.toml").write_text(declared, encoding="utf-8")
    for seed in range(count):
        (folder / "raw" / "harbour" / f"{seed}.txt").write_text(dressed(seed), encoding="utf-8")
        (folder / "raw" / "hill" / f"{seed}.txt").write_text(dressed(seed + 300, bottom=()), encoding="utf-8")
    (folder / "raw" / "hill" / "0.txt").write_text(dressed(300), encoding="utf-8")
    return folder


def planned(home: Path, **options: object) -> Plan:
    """The plan of that corpus, cleaned by templates alone."""
    config = Config()
    clean = replace(ONLY, **options)  # type: ignore[arg-type]
    return plan_of(replace(config, clean=clean, build=replace(config.build, workers=1)), home)


def texts_of(plan: Plan) -> dict[str, list[str]]:
    """The clean texts of a build by source."""
    found: dict[str, list[str]] = {}
    names = {}
    for path in sorted(plan.store.objects.glob("*.parquet")):
        table = pq.read_table(path)
        if "encoding" in table.column_names:
            names |= dict(zip(table["id"].to_pylist(), table["source"].to_pylist(), strict=True))
    for path in sorted(plan.store.objects.glob("*.parquet")):
        table = pq.read_table(path)
        if "suspects" in table.column_names:
            for id_, text in zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True):
                found.setdefault(names[id_], []).append(text)
    return found


def test_a_build_learns_and_cuts(tmp_path: Path) -> None:
    """A build cuts from the documents of one source what they repeat, and lets the same lines of another stand."""
    plan = planned(corpus(tmp_path))
    build(plan, "clean")
    texts = texts_of(plan)
    assert [SHARE in text for text in texts["harbour"]] == [False] * 8
    assert sum(SHARE in text for text in texts["hill"]) == 1


def test_a_build_that_does_not_learn_cuts_nothing(tmp_path: Path) -> None:
    """With learn_templates = false and no file there are no templates."""
    plan = planned(corpus(tmp_path), learn_templates=False)
    build(plan, "clean")
    assert all(SHARE in text for text in texts_of(plan)["harbour"])


def cleaning_runs(plan: Plan) -> int:
    """How many documents a build cleans."""
    told: list[tuple[int, int]] = []
    build(plan, "clean", lambda stage, done, total, *_: told.append((done, total)) if stage == "clean" else None)
    # the texts are cleaned first; the loss budget, which follows, counts from the start again
    cleaned = told[: next((at for at, (done, total) in enumerate(told) if done == total), -1) + 1]
    return cleaned[-1][0] - cleaned[0][0] if cleaned else 0


def test_counts_clean_nothing_again_and_a_pinned_file_does(tmp_path: Path) -> None:
    """A new document is cleaned with its bucket alone; a pinned list that says otherwise cleans what it concerns."""
    home = corpus(tmp_path, 11)
    first = cleaning_runs(planned(home))
    assert cleaning_runs(planned(home)) == 0
    (home / "raw" / "harbour" / "new.txt").write_text(dressed(77), encoding="utf-8")
    assert 0 < cleaning_runs(planned(home)) < first
    (home / "mine.toml").write_text('sources = ["harbour"]\n', encoding="utf-8")
    plan = planned(home, templates="mine.toml")
    assert cleaning_runs(plan) > 1
    assert cleaning_runs(planned(home, templates="mine.toml")) == 0


def explained(home: Path, *what: str) -> dict[str, object]:
    """What `corpuskit explain --json` says of one document, and the last line that it says beside it."""
    command = [sys.executable, "-m", "corpuskit", "explain", *what, "--json"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout), "said": done.stderr}


def test_explain_of_a_file_has_the_templates_of_the_last_build(tmp_path: Path) -> None:
    """A file of a corpus is shown as the build cleaned it; of others, and before a build, it is said what is missing."""
    home = corpus(tmp_path)
    config = f"[clean]\nmodel = false\ndisable = {json.dumps(ONLY.disable)}\n"
    (home / "corpuskit.toml").write_text(config, encoding="utf-8")
    before = explained(home, "raw/harbour/0.txt")
    assert before["edits"] == []
    assert "are not among these cuts" in str(before["said"])
    built = build(plan_of(load(home / "corpuskit.toml"), home))
    rows = pq.read_table(built.folder / "data").to_pylist()
    key = next(row["id"] for row in rows if row["path"] == "harbour/0.txt")
    by_file, by_id = explained(home, "raw/harbour/0.txt"), explained(home, key)
    assert by_file["edits"] == by_id["edits"] != []
    assert by_file["said"] == "source templates, as the last build had them: 2 for harbour\n"
    (home / "elsewhere.txt").write_text(dressed(0), encoding="utf-8")
    assert explained(home, "elsewhere.txt")["edits"] == []
    (home / "pinned.toml").write_text('sources = ["harbour"]\n', encoding="utf-8")
    (home / "corpuskit.toml").write_text(config + 'templates = "pinned.toml"\n', encoding="utf-8")
    assert explained(home, "raw/harbour/0.txt")["edits"] == []
    (home / "corpuskit.toml").write_text(config + "learn_templates = false\n", encoding="utf-8")
    assert explained(home, "raw/harbour/0.txt") | {"fields": 0} == before | {"said": "", "fields": 0}


def test_a_missing_pinned_file_is_told(tmp_path: Path) -> None:
    """The message names the key and the file."""
    with pytest.raises(ConfigError, match=r"\[clean\] templates = 'absent.toml'"):
        build(planned(corpus(tmp_path), templates="absent.toml"), "clean")


def test_suggest_prints_and_writes_the_list(tmp_path: Path) -> None:
    """`rules suggest` shows zone, counts and a sample, and writes a file that says the same."""
    home = corpus(tmp_path)
    said = CliRunner().invoke(
        cli,
        [
            "rules",
            "suggest",
            "--raw",
            str(home / "raw"),
            "--processed",
            str(home / "out"),
            "--write",
            str(home / "t.toml"),
            "--json",
            "-q",
        ],
    )
    assert (said.exit_code, said.exception) == (0, None), said.output
    rows = json.loads(said.stdout)
    assert [(r["source"], r["zone"], r["documents"], r["of"], r["sample"]) for r in rows] == [
        ("harbour", "tail", 8, 8, SHARE),
        ("harbour", "tail", 8, 8, LEGAL),
    ]
    written = parse((home / "t.toml").read_text(encoding="utf-8"))
    assert [one.line for one in written.entries] == [row["line"] for row in rows]


def filtered(tmp_path: Path, rows: Sequence[dict[str, object]], *options: str) -> list[dict[str, object]]:
    """What the filter `clean` makes of rows."""
    given_file = tmp_path / "in.jsonl"
    given_file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = tmp_path / "corpuskit.toml"
    config.write_text("[clean]\nmodel = false\n", encoding="utf-8")
    arguments = ["clean", str(given_file), "-o", str(tmp_path / "out.jsonl"), "-q", "-c", str(config), *options]
    said = CliRunner().invoke(cli, arguments)
    assert said.exit_code == 0, (said.output, said.exception)
    return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_filter_learns_only_when_asked(tmp_path: Path) -> None:
    """Plain `clean` cuts no template; with --learn-templates rows of a source lose them, and a row without none."""
    line = "Ferry tables and tide tables hang beside the door"  # no rule knows it
    rows: list[dict[str, object]] = [{"site": "lantern", "text": dressed(n, bottom=(line,))} for n in range(6)]
    rows.append({"text": dressed(50, bottom=(line,))})
    plain = filtered(tmp_path, rows)
    learning = filtered(tmp_path, rows, "--learn-templates", "--source-column", "site")
    assert [line in str(row["text"]) for row in plain] == [True] * 7
    assert [line in str(row["text"]) for row in learning] == [False] * 6 + [True]


def test_the_filter_takes_a_pinned_file(tmp_path: Path) -> None:
    """`--templates FILE` cuts what the file names from the rows of its source."""
    pinned = tmp_path / "t.toml"
    pinned.write_text(
        '[[template]]\nsource = "lantern"\nzone = "tail"\nline = "Ferry tables hang beside the door"\n',
        encoding="utf-8",
    )
    rows = [
        {"source": name, "text": dressed(1, bottom=("Ferry tables hang beside the door",))}
        for name in ("lantern", "herald")
    ]
    cut = filtered(tmp_path, rows, "--templates", str(pinned))
    assert ["Ferry" in str(row["text"]) for row in cut] == [False, True]


def test_the_filter_cannot_learn_from_a_pipe(tmp_path: Path) -> None:
    """A stream cannot be read twice: a usage error, not an empty list."""
    said = CliRunner().invoke(cli, ["clean", "-", "--learn-templates", "-q"], input='{"text": "a"}\n')
    assert said.exit_code != 0
    assert "cannot be read twice" in str(said.exception)
