"""Which language a text is in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.metadata.language import identify, windows
from corpuskit.metadata.options import Options

ENGLISH = "The ferry was late again, and nobody on the pier seemed to mind; they watched the gulls and waited. "
GERMAN = "Die Fähre kam wieder zu spät, und niemand am Steg schien sich daran zu stören; man sah den Möwen zu. "


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("Le bac était encore en retard et personne sur le quai ne semblait s'en soucier.", "fr"),
        ("フェリーはまた遅れていたが、桟橋の人々は気にしていないようだった。", "ja"),
        ("渡轮又晚点了，码头上的人似乎都不在意，他们看着海鸥等待。", "zh"),
        ("Паром снова опоздал, но никто на причале, казалось, не возражал.", "ru"),
        ("Ferga var forsinka igjen, og ingen på kaia såg ut til å bry seg om det, dei berre venta.", "nn"),
    ],
)
def test_identify(text: str, code: str) -> None:
    """A few sentences are enough."""
    assert code == identify([text])[0].code


@pytest.mark.parametrize(
    ("text", "method"),
    [("", "short"), ("Hello world", "short"), ("12 34 : 56 --", "short"), (ENGLISH * 6 + GERMAN * 6, "mixed")],
)
def test_abstains(text: str, method: str) -> None:
    """Short and mixed texts have no language."""
    guess = identify([text])[0]
    assert (None, method) == (guess.code, guess.method)


def test_shares_of_a_mixed_text() -> None:
    """The parts of a mixed text are told, in letters of the sample."""
    shares = dict(identify([ENGLISH * 12 + GERMAN * 4])[0].shares)
    assert shares["en"] > shares["de"] > 0.1


def test_a_guess_does_not_depend_on_the_batch() -> None:
    """Each text of a batch gets the guess it gets alone, whatever stands beside it."""
    texts = [ENGLISH, GERMAN, "", "x", ENGLISH * 3 + GERMAN, "日本語の文章はここにあります。" * 3]
    assert [identify([text])[0] for text in texts] == identify(texts)


def test_the_fast_tier_is_py3langid() -> None:
    """Walking all positions at once gives the answers of py3langid, byte for byte."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    from corpuskit.metadata.language import _rank

    reference = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    texts = [ENGLISH, GERMAN, "ÉTÉ", "a\u0301 combining", "渡轮又晚点了"]
    for text, (code, confidence, _) in zip(texts, _rank(texts), strict=True):
        expected, trust = reference.classify(text)
        assert (expected, pytest.approx(trust, abs=2e-3)) == (code, confidence)


def test_the_arbiter_does_not_remember() -> None:
    """langdetect gives the same answer before and after other questions."""
    from corpuskit.metadata.language import _langdetect

    read, known = _langdetect()
    first = read(GERMAN)
    read(ENGLISH)
    read("1234")
    assert first == read(GERMAN) == ("de", 1.0)
    assert {"en", "zh", "no"} <= known


@given(st.text(max_size=4000), st.integers(1, 4), st.integers(50, 400))
def test_windows(text: str, count: int, size: int) -> None:
    """Windows are stretches of the text, at most as many as asked for, and a short text is its own window."""
    found = windows(text, count, size)
    assert len(found) <= max(count, 1)
    assert all(window in text for window in found)
    if len(text) <= size:
        assert [text] == found


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Any text has a guess with a confidence of three decimals between 0 and 1."""
    guess = identify([text])[0]
    assert 0.0 <= guess.confidence <= 1.0
    assert guess.confidence == round(guess.confidence, 3)


def test_labelled_texts(shared: Path) -> None:
    """On a sample of four-sentence texts in the languages langdetect knows, 99 of 100 are right."""
    path = shared / "bench" / "langid" / "par4.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"the labelled texts are not here: {path}")
    from corpuskit.metadata.language import _langdetect

    known = _langdetect()[1]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][::25]
    gold = [("no" if row["lang"] == "nb" else row["lang"], row["text"]) for row in rows]
    gold = [pair for pair in gold if pair[0] in known]
    guesses = identify([text for _, text in gold], Options())
    right = sum(code == guess.code for (code, _), guess in zip(gold, guesses, strict=True))
    assert right / len(gold) >= 0.99
