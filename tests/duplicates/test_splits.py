"""Splits that do not leak, and overlap with texts kept for evaluation."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.duplicates.decontaminate import FORMULA, index, overlaps
from corpuskit.duplicates.splits import Placed, Shares, assign, draw, heirs, leaks
from corpuskit.errors import ConfigError

SHARES = Shares((("train", 0.8), ("validation", 0.1), ("test", 0.1)), "essays")
VOCABULARY = [f"w{at}" for at in range(5000)]


def prose(seed: int, words: int = 60) -> str:
    """Words drawn at random: no two seeds share a passage."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


def test_a_draw_is_fixed_for_ever() -> None:
    """Pinned: another version of this package must not move a text to another split."""
    keys = ["id\0a", "id\0b", "group\0Jane Doe", "id\0", "id\0ü", "id\0f3"]
    assert [draw(key, SHARES) for key in keys] == ["train", "train", "train", "test", "test", "train"]


def test_shares_are_met() -> None:
    """Ten thousand ids fall as the shares say, within two percent of all."""
    drawn = [draw(f"id\0{at}", SHARES) for at in range(10_000)]
    for name, share in SHARES.splits:
        assert abs(drawn.count(name) / 10_000 - share) < 0.02


@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from(["", "anna", "bo"])), unique_by=lambda one: one[0]))
def test_a_group_is_never_torn_apart(texts: list[tuple[str, str]]) -> None:
    """All texts of an author go to one split, and each text where it would go without the others."""
    ids, groups = [id_ for id_, _ in texts], [group for _, group in texts]
    placed = assign(ids, groups, SHARES)
    for group in ("anna", "bo"):
        assert len({one.split for one, other in zip(placed, groups, strict=True) if other == group}) <= 1
    for at, one in enumerate(placed):
        assert [one] == assign(ids[at : at + 1], groups[at : at + 1], SHARES)


def test_what_was_released_stays_where_it_was_and_draws_its_group() -> None:
    """A released text keeps its split, whatever the hash says; a new text of its group joins it."""
    placed = assign(["old", "new", "lone"], ["anna", "anna", ""], SHARES, {"old": "test", "other": "train"})
    assert placed[:2] == [Placed("test", "release"), Placed("test", "group")]
    assert placed[2] == Placed(draw("id\0lone", SHARES), "hash")


def test_a_group_released_in_two_splits_is_not_moved() -> None:
    """Released texts stay apart as they were; a new one goes where the draw says."""
    placed = assign(["a", "b", "c"], ["anna"] * 3, SHARES, {"a": "train", "b": "test"})
    assert [one.split for one in placed] == ["train", "test", draw("group\0anna", SHARES)]


@pytest.mark.parametrize(
    "splits", [(), (("train", 0.5),), (("train", 1.5), ("test", -0.5)), (("a", 0.5), ("a", 0.5)), (("", 1.0),)]
)
def test_shares_that_are_none_are_refused(splits: tuple[tuple[str, float], ...]) -> None:
    """Shares must be shares, add up to one, and have distinct names."""
    with pytest.raises(ConfigError, match=r"\[split\]"):
        Shares(splits)


def test_a_leak_is_reported_with_its_passage() -> None:
    """A test text half of which stands in a training text; the training texts themselves do not matter."""
    shared = prose(1, 30)
    train = (["a", "d"], [prose(2, 200) + " " + shared, prose(2, 200)])
    test = (["b", "c"], [shared + " " + prose(3, 30), prose(4)])
    found = list(leaks([("test", lambda: [test]), ("train", lambda: [train])], 0.2))
    assert [(leak.id, leak.other, leak.split, leak.other_split) for leak in found] == [("a", "b", "train", "test")]
    assert found[0].passage == shared
    assert found[0].other_share == round(18 / 48, 3)


def test_leaks_are_the_same_however_the_texts_are_read() -> None:
    """One text at a time, or all at once, in small blocks or one: the same pairs over three splits."""
    shared = prose(99, 40)
    texts = {name: [f"{prose(10 * at + part)} {shared}" for part in range(3)] for at, name in enumerate("xyz")}

    def reader(name: str, size: int) -> Callable[[], Iterator[tuple[list[str], list[str]]]]:
        ids = [f"{name}{at}" for at in range(3)]
        return lambda: ((ids[at : at + size], texts[name][at : at + size]) for at in range(0, 3, size))

    whole = list(leaks([(name, reader(name, 3)) for name in "xyz"], 0.1))
    parts = list(leaks([(name, reader(name, 1)) for name in "xyz"], 0.1, characters=1))
    assert 27 == len(whole)
    assert sorted(whole, key=repr) == sorted(parts, key=repr)


def test_what_takes_the_place_of_a_held_out_text_is_held_out() -> None:
    """The new kept text inherits the split of the released copies on its star, of several the smallest."""
    before = {"a": "train", "b": "test", "k": "validation"}
    stars = [("a", "n"), ("b", "n"), ("c", "m"), ("b", "k"), ("a", "l")]
    assert {**before, "n": "test", "l": "train"} == heirs(stars, before, SHARES)


def test_below_the_share_nothing_is_reported() -> None:
    """A common sentence is no leak when a fifth is asked for."""
    shared = prose(1, 14)
    known = index([shared + " " + prose(2, 200)])
    text = prose(3, 200) + " " + shared
    assert overlaps(known, [text], 0.2) == []
    assert [one.passage for one in overlaps(known, [text])] == [shared]


def test_a_short_question_is_found_as_a_whole_and_a_very_short_one_never() -> None:
    """Evaluation texts of fewer than thirteen words count from five words on."""
    known = index(["Which river runs through Lindholm harbour?", "Yes, it does."])
    found = overlaps(known, ["He asked which river runs through Lindholm harbour. Yes, it does."])
    assert [(one.indexed, one.indexed_share, one.passage) for one in found] == [
        (0, 1.0, "which river runs through Lindholm harbour")
    ]


def test_a_formula_of_the_indexed_texts_is_no_leak() -> None:
    """A sentence in every evaluation text says nothing about any of them."""
    formula = prose(1, 20)
    known = index([f"{formula} {prose(10 + at)}" for at in range(FORMULA + 1)])
    assert overlaps(known, [formula + " " + prose(2)]) == []


def test_the_longest_shared_stretch_is_shown() -> None:
    """Two shared passages: the longer one, whole, as it stands in the text."""
    short, long = prose(1, 15), prose(2, 25)
    known = index([f"{short} {prose(3, 9)} {long}"])
    (found,) = overlaps(known, [f"{prose(4, 9)} {long.upper()}, {prose(5, 9)} {short}"])
    assert found.passage == long.upper()


@given(st.lists(st.text(max_size=30), max_size=4), st.lists(st.text(max_size=30), max_size=4))
def test_any_texts_can_be_asked_about(known: list[str], texts: list[str]) -> None:
    """Empty or hostile, every text gets an answer with shares between 0 and 1."""
    for one in overlaps(index(known, 3), texts):
        assert 0 < one.share <= 1
        assert 0 < one.indexed_share <= 1
