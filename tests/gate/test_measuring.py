"""Measuring: which model may look at which document, whom words are blamed on, and the bound of the loss."""

from __future__ import annotations

import json

import pytest

import blame
import cleaners
import cleaning
import scoring
from cleaners import OURS, RULES, Way, cleaned, measure, outputs
from corpuskit.model import Edit
from scoring import Counts, Gold

ROW = {
    "id": "x",
    "lines": ["The last ferry left at six, and nobody waved.", "Advertisement", "Snow. Photo: A. Vos"],
    "keep": [1, 0, 1],
    "cls": ["", "ad-marker", ""],
    "spans": {"3": [["caption", "Photo: A. Vos"]]},
}


def made(name: str = "residue") -> Gold:
    """A document of the set `name`."""
    return scoring._read(name, dict(ROW))


def test_a_labelled_set_is_cleaned_with_the_model_of_the_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that a model may have been fitted to meet the model of their fold, the gold set the shipped one."""
    asked = []

    def fold_model(name: str, identity: str) -> None:
        asked.append((name, identity))

    monkeypatch.setattr(cleaners, "has_models", lambda: True)
    monkeypatch.setattr(cleaners, "fold_model", fold_model)
    monkeypatch.setattr(cleaners, "shipped", lambda: asked.append("shipped"))
    cleaned(Way(), [made("residue"), made("gold")])
    assert [("residue", "x"), "shipped"] == asked


def test_rules_alone_ask_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line model has no part in what rules alone do, and what they do is cleaning."""
    monkeypatch.setattr(cleaners, "has_models", lambda: True)
    monkeypatch.setattr(cleaners, "fold_model", lambda *_: pytest.fail("a model was asked for"))
    assert "Advertisement" not in outputs(Way(RULES), [made()])[0]


def test_the_dial_reaches_the_cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    """At confidence 1 nothing is cut, whatever was measured before at another setting."""
    monkeypatch.setattr(cleaners, "has_models", lambda: False)
    texts = [outputs(Way(OURS, threshold), [made()])[0] for threshold in (0.9, 1.0, 0.9)]
    assert texts[0] == texts[2] != texts[1] == made().text


def test_measuring_in_portions_is_measuring_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts come in the order of the documents, also of those that a second portion holds."""
    documents = [scoring._read("made", {**ROW, "id": str(n), "lang": str(n)}) for n in range(5)]
    monkeypatch.setattr(cleaners, "load", lambda _: documents)
    monkeypatch.setattr(cleaners, "_PORTION", 2)
    way = Way("do nothing")
    assert list("01234") == [one.lang for one in measure(["made"], [way])["made", way]]


def test_blame_splits_words_of_article_and_residue() -> None:
    """An edit answers for the article words it takes; labelled parts of a line are residue; a repair takes nothing
    that it puts back."""
    gold = made()
    start = gold.text.index("Snow")
    edits = [
        Edit("promo.en.x", 0, 4, "The ", "", "", 1.0),
        Edit("encoding.any.x", 9, 14, "ferry", "ferry", "", 1.0),
        Edit("caption.en.x", start, len(gold.text), gold.text[start:], "", "", 1.0),
    ]
    found = [(one.rule, one.good, one.residue) for one in blame.taken(gold, edits)]
    assert [("promo.en.x", 1, 0), ("encoding.any.x", 0, 0), ("caption.en.x", 1, 3)] == found


def test_the_upper_bound_lies_above_the_loss() -> None:
    """One document that loses words among many that do not: the bound allows for several such."""
    counts = [Counts("", 1000, 50 * (n == 0), 0, 0, (), None, None, None) for n in range(100)]
    assert 500 < cleaning.upper_loss(counts) < 2500
    assert 0 == cleaning.upper_loss(counts[1:])


def test_the_record_is_json_with_a_line_for_each_row() -> None:
    """What is recorded reads back, and a changed number changes one line."""
    text = cleaning.written({"cleaning": "abc", "table": {"a": [1, None], "b": {"x": 2}}})
    assert {"cleaning": "abc", "table": {"a": [1, None], "b": {"x": 2}}} == json.loads(text)
    assert 1 == sum("null" in line for line in text.split("\n"))
