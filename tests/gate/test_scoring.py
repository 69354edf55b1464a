"""The scorer: what counts as removed and lost, and that it agrees with the one beside the labelled sets."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scoring
from scoring import Counts, Gold, cell, cells, count


def gold(*lines: tuple[str, int, str], spans: dict[str, list[list[str]]] | None = None, **more: object) -> Gold:
    """A document of lines given as (text, keep, class)."""
    texts, keep, classes = zip(*lines, strict=True)
    row = {"id": "x", "lines": [*texts], "keep": [*keep], "cls": [*classes], "spans": spans or {}, **more}
    return scoring._read("made", row)


PAGE = gold(
    ("Home > Travel", 0, "nav"),
    ("The ferry left at six.", 1, ""),
    ("Advertisement", 0, "ad-marker"),
    ("Nobody waved.", 1, ""),
    lang="en",
)


def test_untouched_text_loses_and_removes_nothing() -> None:
    """Doing nothing removes nothing; of four 4-grams of the article two run over the line that should go."""
    assert count(PAGE, PAGE.text) == Counts(
        "en", 7, 0, 3, 0, (("ad-marker", 1, 0), ("nav", 2, 0)), None, 2 / 7, 2 / 4
    )


def test_perfect_output_removes_all_residue() -> None:
    """The article alone has all its words and all its 4-grams."""
    found = count(PAGE, "The ferry left at six.\nNobody waved.")
    assert (0, 3, 1.0, 1.0) == (found.lost, found.removed, found.precision, found.recall)


def test_line_breaks_of_the_output_do_not_matter() -> None:
    """A tool that joins lines is scored by its words."""
    assert count(PAGE, "The ferry left\nat six. Nobody waved.") == count(PAGE, "The ferry left at six.\nNobody waved.")


def test_words_are_aligned_in_order() -> None:
    """A word that comes back in another place does not come back twice."""
    found = count(PAGE, "Nobody waved.\nThe ferry left at six.")
    assert found.lost == 2


def test_of_equal_lines_the_article_keeps_the_survivor() -> None:
    """An output does not say which of two copies a tool kept; the article gets the benefit."""
    twice = gold(("Snow fell all night.", 0, "dup"), ("It was quiet.", 1, ""), ("Snow fell all night.", 1, ""))
    found = count(twice, "Snow fell all night.\nIt was quiet.")
    assert (0, 4) == (found.lost, found.removed)


def test_doubtful_lines_count_nowhere() -> None:
    """Cutting or keeping a line labelled as doubtful changes no count of words."""
    page = gold(("Kicker", 0, "nav"), ("He stayed there.", 1, ""), ambig=[1, 0])
    assert (3, 0, 0) == (count(page, "").good, count(page, page.text).residue, count(page, "").removed)


def test_spans_are_residue_inside_a_kept_line() -> None:
    """A credit fused to a sentence is residue; the sentence is not."""
    page = gold(("The pier at dawn.Photo: A. Vos", 1, ""), spans={"1": [["caption", "Photo: A. Vos"]]})
    found = count(page, "The pier at dawn.")
    assert (4, 0, (("caption", 3, 3),)) == (found.good, found.lost, found.classes)


def test_scripts_without_spaces_count_characters() -> None:
    """A Japanese sentence has as many words as kana and Han."""
    assert len(scoring.words("海は静かだ。")) == 5


def test_documents_without_residue_are_spared_or_not() -> None:
    """Whether such a document came back whole is a score of its own; spacing is no matter."""
    page = gold(("Rain again.", 1, ""), ("", 1, ""), ("We stayed in.", 1, ""))
    assert (True, False, None) == (
        count(page, "Rain again.\nWe  stayed in.").spared,
        count(page, "Rain again.").spared,
        count(PAGE, "").spared,
    )


@given(st.lists(st.tuples(st.text("ab .\n", max_size=8).map(lambda t: t.replace("\n", " ")), st.integers(0, 1)),
                min_size=1, max_size=8), st.text("ab .\n", max_size=30))  # fmt: skip
def test_counts_add_up(lines: list[tuple[str, int]], output: str) -> None:
    """Whatever comes out, no more is lost or removed than there was, and no more comes back than came out."""
    page = gold(*((text, keep, "" if keep else "nav") for text, keep in lines))
    found = count(page, output)
    assert 0 <= found.lost <= found.good
    assert 0 <= found.removed <= found.residue
    assert found.good - found.lost + found.residue - found.removed <= len(scoring.words(output.replace("\n", " ")))


def test_cells_group_small_languages() -> None:
    """Languages with too few documents are scored together."""
    one, two = (Counts(lang, 10, 0, 5, 5, (("nav", 5, 5),), None, 1.0, 1.0) for lang in ("de", "fi"))
    table = cells("made", [one, one, two], least=2)
    assert ["made", "made/class/nav", "made/lang/de", "made/lang/other"] == list(table)
    assert (2, 1) == (table["made/lang/de"].docs, table["made/lang/other"].docs)


def test_nothing_to_divide_by_is_none() -> None:
    """A group without residue or without article has no such score."""
    empty = cell([Counts("", 0, 0, 0, 0, (), None, None, None)])
    assert (None, None, None, None) == (empty.removed, empty.lost, empty.precision, empty.f1)


# ------------------------------------------------------------------------------------- the other scorer


@pytest.fixture(scope="module")
def other(shared: Path) -> Iterator[ModuleType]:
    """The scorer that lies beside the labelled sets."""
    path = shared / "bench" / "score.py"
    if not path.is_file():
        pytest.skip(f"the other scorer is not here: {path}")
    spec = importlib.util.spec_from_file_location("other_scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    scoring.load.cache_clear()


def mangled(text: str, number: int) -> str:
    """`text` as a rough cleaner might leave it: lines gone, joined, doubled and clipped."""
    lines = text.split("\n")
    kept = [line for at, line in enumerate(lines) if (at * 7 + number) % 5]
    kept = [line[: len(line) // 2] if (at + number) % 11 == 3 else line for at, line in enumerate(kept)]
    return (" " if number % 3 == 0 else "\n").join(kept + kept[:2])


@pytest.mark.parametrize("name", ["gold", "residue", "turku", "fundus.traf"])
def test_agrees_with_the_scorer_beside_the_data(other: ModuleType, name: str) -> None:
    """All scores are equal to the last digit, as a whole, by class and by language, on rough outputs."""
    if not scoring.gold_path(name).is_file():
        pytest.skip(f"{name} is not here")
    documents = scoring.load(name)[:90]
    texts = {one.id: mangled(one.text, number) for number, one in enumerate(documents)}
    rows = [row for row in other.rows(str(scoring.gold_path(name))) if row["id"] in texts]
    table = cells(name, [count(one, texts[one.id]) for one in documents])
    for by, folder in (("class", "class"), ("lang", "lang")):
        for group, theirs in json.loads(json.dumps(other.score(rows, texts, by))).items():
            here = "other" if group == "None" else group.removeprefix("class ")
            mine = table[name if group == "all" else f"{name}/{folder}/{here}"]
            assert (theirs["residue_removed"], theirs["residue_words"]) == (mine.removed, mine.residue)
            if not group.startswith("class "):
                assert (
                    theirs["docs"], theirs["good_words"], theirs["good_lost_per_million"], theirs["precision"],
                    theirs["body_f1"],
                ) == (mine.docs, mine.good, mine.lost, mine.precision, mine.f1)  # fmt: skip
