"""The shipped model: its file, its scores, its reasons."""

from __future__ import annotations

import json
from importlib import resources
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit import text as positions
from corpuskit.cleaning.line_model import shipped

ESSAY = (
    "The Ferry That Would Not Sink\n"
    "Every morning at six the ferry left the island with nine passengers, a crate of eggs and whatever the "
    "postman had forgotten, and every morning it came back a little lower in the water than before.\n"
    "Nobody on the island could say who had built it, though the harbour master kept a drawing of its hull "
    "in a drawer and showed it to visitors who asked about the old days with enough patience.\n"
    "When the ferry was sold at last, the island bought it back within a week, and the harbour master framed "
    "the drawing and hung it over the stove where the eggs used to stand in winter.\n"
    "Related articles\n"
    "Ten harbours you must see before summer ends\n"
    "Subscribe to our newsletter\n"
    "Share on Facebook\n"
    "All rights reserved\n"
)
TEXTS = st.lists(st.text(max_size=200), max_size=3)


def test_the_file_is_small_and_says_how_it_was_made() -> None:
    """Under 2 MB, with the digests of the data and of the rules."""
    data = (resources.files("corpuskit.cleaning.line_model") / "line_model.npz").read_bytes()
    assert len(data) < 2_000_000
    card = json.loads(shipped().card)
    assert {64} == {len(digest) for digest in card["data"].values()}
    assert 64 == len(card["rules"])


def test_residue_is_likelier_than_prose() -> None:
    """Below an article, a call to subscribe is likelier residue than any of its paragraphs."""
    chance = shipped().score([ESSAY]).lines[0]
    assert max(chance[1:4]) < 0.2
    assert min(chance[6:9]) > max(chance[1:4])


def test_reasons_name_what_speaks_for_residue() -> None:
    """A line has a few named reasons, strongest first; a line without words has none."""
    model = shipped()
    scores = model.score([ESSAY + "\n***\n"])
    reasons, none = model.reasons(scores, [(0, 6), (0, 10)])
    assert 1 <= len(reasons) <= 3
    assert sorted((w for _, w in reasons), reverse=True) == [w for _, w in reasons]
    assert none == []


def test_blank_lines_change_no_probability() -> None:
    """A text with a blank line after every line scores as the same text without."""
    lines = ESSAY.splitlines()
    plain = shipped().score(["\n".join(lines)]).lines[0]
    spread = shipped().score(["\n\n".join(lines)]).lines[0]
    assert plain.tolist() == spread[::2].tolist()


def test_a_line_without_words_goes_with_its_neighbours() -> None:
    """A row of asterisks has the lesser of the probabilities around it."""
    chance = shipped().score([ESSAY.replace("Share on", "* * *\nShare on")]).lines[0]
    assert min(chance[6], chance[8]) == chance[7]


@settings(deadline=None, max_examples=40)
@given(TEXTS)
def test_one_probability_per_line(texts: list[str]) -> None:
    """As many as `text.lines` counts, between 0 and 1, with three decimals, alone as in a batch."""
    together = shipped().score(texts).lines
    assert [len(positions.lines(text)) for text in texts] == [len(chance) for chance in together]
    for text, chance in zip(texts, together, strict=True):
        assert ((chance >= 0) & (chance <= 1)).all()
        assert np.round(chance, 3).tolist() == chance.tolist()
        assert chance.tolist() == shipped().score([text]).lines[0].tolist()


def test_hostile_lines_are_scored() -> None:
    """A line of a megabyte, of marks, of lone surrogates, and a hundred thousand short lines are only data."""
    hostile = ["a" * 1_000_000, "\u0301" * 100_000, "\ud800" * 1000 + "\x00", "x\n" * 100_000, "", "\n"]
    assert [1, 1, 1, 100_000, 0, 1] == [len(chance) for chance in shipped().score(hostile).lines]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from([*ESSAY.splitlines(), "***", ""]), max_size=25), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.5, 0.9]),
    st.randoms(use_true_random=False),
)
def test_probabilities_above_their_floors_are_right(parts: list[list[str]], least: float, random: Random) -> None:
    """Below its floor, or where no line of a text reaches what is asked for, a probability may be higher than it is."""
    texts = ["\n".join(some) for some in parts]
    model = shipped()
    floors = [[random.choice([0.0, 0.1, 0.5]) for _ in text.split("\n")] for text in texts]
    rough = model.score(texts, floors=np.array([one for some in floors for one in some]), least=least).lines
    for exact, said, some in zip(model.score(texts).lines, rough, floors, strict=True):
        assert (said >= exact).all()
        assert ((said >= least) == (exact >= least)).all()
        reached = exact.max(initial=0) >= least
        assert all(a == b or b < floor or not reached for a, b, floor in zip(exact, said, some, strict=False))
