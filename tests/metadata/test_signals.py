"""Quality signals."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.metadata.record import Signals
from corpuskit.metadata.signals import signals

PROSE = "\n\n".join(
    f"In the year {year} the ferry of our town was rebuilt, and the people who had waited for it on the pier said "
    f"that they would have been glad to keep the old boat with its {year - 1900} benches."
    for year in range(1950, 1958)
)


def test_counts() -> None:
    """Words, sentences, lines and lengths are what a person would count."""
    found = signals(["One two three. Four five!\n\nSix."], ["en"])[0]
    assert (6, 3, 2, 2) == (found.words, found.sentences, found.lines, found.paragraphs)
    assert pytest.approx(22 / 6, abs=1e-4) == found.mean_word_length
    assert 14.5 == found.mean_line_length


def test_prose_passes() -> None:
    """Plain prose fails no published condition."""
    found = signals([PROSE], ["en"])[0]
    assert ((), ()) == (found.gopher_quality, found.fineweb_quality)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("too short", "words"),
        ("- a b c d e f\n" * 20, "bullet_share"),
        ("word goes on…\n" * 20, "ellipsis_share"),
        ("1 2 3 4 5 6 7 8 9 10 " * 10, "alphabetic_share"),
        ("#one ... #two ... " * 20, "symbol_ratio"),
        ("lorem ipsum dolor sit amet " * 20, "stop_words"),
    ],
)
def test_gopher_quality(text: str, failed: str) -> None:
    """Each condition of Gopher's quality filter is failed by what it was made against."""
    assert failed in signals([text], ["en"])[0].gopher_quality


def test_repetition() -> None:
    """A text that says one line over and over fails both filters of repetition."""
    found = signals(["The same line again and again.\n" * 30], ["en"])[0]
    assert 29 / 30 == pytest.approx(found.duplicate_line_share, abs=1e-4)
    assert {"duplicate_line_share", "top_2gram_share"} <= set(found.gopher_repetition)
    assert "duplicate_line_characters" in found.fineweb_quality


def test_stop_words_are_those_of_the_language() -> None:
    """The share of stop words is taken in the language of the text."""
    german = "Der Steg und die Fähre waren auch an diesem Tag nicht für alle da. " * 3
    of_german, of_unknown = signals([german, german], ["de", None])
    assert of_german.stop_word_share > 0.3
    assert 0.0 == of_unknown.stop_word_share


def test_empty() -> None:
    """An empty text has no counts and divides by nothing."""
    found = signals([""], [None])[0]
    assert (0, 0, 0, 0.0) == (found.words, found.sentences, found.lines, found.mean_word_length)
    assert [] == signals([], [])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=4))
def test_batches(texts: list[str]) -> None:
    """The signals of a text do not depend on its neighbours, and all shares lie between 0 and 1."""
    languages = ["en"] * len(texts)
    together = signals(texts, languages)
    assert [signals([text], ["en"])[0] for text in texts] == together
    for found in together:
        assert isinstance(found, Signals)
        assert 0.0 <= found.top_2gram_share <= 1.0
        assert 0.0 <= found.duplicate_line_characters <= 1.0
        assert 0.0 <= found.stop_word_share <= 1.0


def _slow(words: list[str], size: int) -> float:
    """Gopher's shares as its words say it, word by word."""
    grams = [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
    often = Counter(grams)
    total = sum(map(len, words))
    if size < 5:
        repeated = [(count, count * sum(map(len, gram))) for gram, count in often.items() if count > 1]
        return min(1.0, max(repeated, default=(0, 0))[1] / total) if total else 0.0
    inside = {at + offset for at, gram in enumerate(grams) if often[gram] > 1 for offset in range(size)}
    return sum(len(words[at]) for at in inside) / total if total else 0.0


@given(st.lists(st.lists(st.sampled_from(["a", "bb", "ccc", "d"]), max_size=40), min_size=1, max_size=3))
def test_repeated_n_grams_are_those_of_the_definition(texts: list[list[str]]) -> None:
    """The shares of the batch are those that counting each n-gram of each text by itself gives."""
    for words, found in zip(texts, signals([" ".join(words) for words in texts], ["en"] * len(texts)), strict=True):
        for size in range(2, 11):
            name = f"{'top' if size < 5 else 'duplicate'}_{size}gram_share"
            assert pytest.approx(_slow(words, size), abs=1e-4) == getattr(found, name)


def test_either_symbol_counts() -> None:
    """The ratio of symbols is that of the hash or of the ellipsis, not of both together."""
    assert 0.25 == signals(["one # two ... three four"], ["en"])[0].symbol_ratio
