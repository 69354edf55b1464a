"""Content lines, their neighbours, and the columns made of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.cleaning.line_model import batch as arrays
from corpuskit.cleaning.line_model import hits, ngrams, shape, ties
from corpuskit.words import mix

RARITY = np.full(1 << 16, 255, dtype=np.uint8)
ALPHABET = "ab Cd.,:!?\n09|\t«é漢字ไทยأب\u200b\ud800\x00😀"
TEXTS = st.lists(st.text(alphabet=ALPHABET, max_size=120).map("a".__add__), min_size=1, max_size=4)


def test_lines_without_words_are_no_neighbours() -> None:
    """The line after a paragraph is the next one with words, past blank lines and rows of asterisks."""
    lines = arrays.batch(["One here.\n\n* * *\n  \nTwo there now.\n"])
    assert [0, 4] == lines.rows.tolist()
    assert [3.0, -1.0] == arrays.shifted(lines.size, lines, 1, -1.0).tolist()


def test_neighbours_end_at_the_document() -> None:
    """The first line of a text does not see the last line of the text before it in the batch."""
    lines = arrays.batch(["alpha", "beta gamma"])
    assert [-1.0, -1.0] == arrays.shifted(lines.size, lines, -1, -1.0).tolist()
    before, after = arrays.nearest(np.array([True, True]), lines)
    assert ([-1, -1], [-1, -1]) == (before.tolist(), after.tolist())


def test_two_characters_without_spaces_count_as_a_word() -> None:
    """A Japanese line is as long as half its characters."""
    assert [3.0] == arrays.batch(["日本語の文章"]).size.tolist()


def test_first_and_last_characters_are_found_past_blanks() -> None:
    """Blanks around a line do not hide its bullet or its full stop."""
    columns = shape.columns(arrays.batch(["  • So it goes.  "]))
    assert arrays.KIND["separator"] == columns["first character"][0]
    assert arrays.KIND["stop"] == columns["last character"][0]


def test_seams_are_seen() -> None:
    """Lower case that meets upper case inside a word is counted: a counter or kicker glued to a heading."""
    columns = shape.columns(arrays.batch(["readingThe garden\n03The hedge\nThe lawn"]))
    assert [1.0, 0.0, 0.0] == columns["lower meets upper"].tolist()
    assert [0.0, 1.0, 0.0] == columns["digit meets letter"].tolist()


def test_words_before_the_colon_are_counted_in_their_own_line() -> None:
    """A colon of the next line is not this line's."""
    columns = shape.columns(arrays.batch(["No colon here\nGood to know: nothing\nFoto: Ann"]))
    assert [-1.0, 3.0, 1.0] == columns["words before colon"].tolist()


def test_a_quotation_lifted_from_a_paragraph_is_found_in_it() -> None:
    """All stretches of a pull quote stand in the longer line near it; those of a stranger do not."""
    paragraph = "She said that the old bridge had never once been painted in her whole long life there."
    text = f"{paragraph}\nthe old bridge had never once\nCats like warm and sunny places"
    columns = ties.columns(arrays.batch([text]), RARITY)
    assert [0.0, 1.0, 0.0] == columns["stretches in near longer line"].tolist()


def test_a_repeated_line_is_seen_in_both_places() -> None:
    """The copy above knows of the one below, and the one below of the one above; other texts do not count."""
    columns = ties.columns(arrays.batch(["Garden news\nA hedge grew.\nGarden news", "Garden news"]), RARITY)
    assert [0.0, 0.0, 1.0, 0.0] == columns["seen above"].tolist()
    assert [1.0, 0.0, 0.0, 0.0] == columns["seen below"].tolist()


def test_numbers_with_as_many_digits_are_one_token() -> None:
    """2019 and 2024 say the same; 2019 and 19 do not."""

    def of(text: str) -> list[int]:
        return sorted(ngrams.tokens(arrays.batch([text]), 16)[1].tolist())

    assert of("since 2019") == of("since 2024")
    assert of("since 2019") != of("since 19")


def test_marks_know_the_nearest_label() -> None:
    """Every line knows how far above it the last end label stands."""
    table = np.zeros((3, len(hits.GROUPS)), dtype=np.uint8)
    table[0, hits.GROUPS.index("related")] = 1
    columns = hits.columns(arrays.batch(["Read next\nOne\nTwo"]), table)
    assert [50.0, 1.0, 2.0] == columns["since rule related"].tolist()


@settings(deadline=None)
@given(TEXTS)
def test_columns_are_finite_and_as_many_as_lines(texts: list[str]) -> None:
    """Whatever the text, every column has one finite number per content line."""
    lines = arrays.batch(texts)
    table = np.zeros((len(lines.words.line_starts), len(hits.GROUPS)), dtype=np.uint8)
    every = {**shape.columns(lines), **ties.columns(lines, RARITY), **hits.columns(lines, table)}
    assert {len(lines.rows)} == {len(column) for column in every.values()}
    assert all(np.isfinite(column).all() for column in every.values())


@settings(deadline=None)
@given(TEXTS)
def test_documents_do_not_see_each_other(texts: list[str]) -> None:
    """The columns of a text are the same alone and in a batch."""
    together = arrays.batch(texts)
    joint = {**shape.columns(together), **ties.columns(together, RARITY)}
    for number, text in enumerate(texts):
        alone = arrays.batch([text])
        rows = together.docs == number
        for name, column in {**shape.columns(alone), **ties.columns(alone, RARITY)}.items():
            assert column.tolist() == joint[name][rows].tolist(), name


def test_words_of_one_letter_do_not_meet_those_of_other_documents() -> None:
    """Their hashes come of small numbers, and so do those of documents."""
    texts = [f"{chr(97 + number % 26)} stands alone\nand {chr(97 + number // 26)} goes" for number in range(150)]
    joint = ties.columns(arrays.batch(texts), np.full(1 << 16, 200, dtype=np.uint8))
    alone = [ties.columns(arrays.batch([text]), np.full(1 << 16, 200, dtype=np.uint8)) for text in texts]
    for name, column in joint.items():
        assert np.concatenate([one[name] for one in alone]).tolist() == column.tolist(), name


@given(st.lists(st.integers(0, 1 << 6), max_size=60))
def test_keys_that_stand_twice_are_met_again(values: list[int]) -> None:
    """Whatever else is kept, no key that stands twice is lost."""
    keys = mix(np.array(values, dtype=np.uint64))
    met = ties._met_again(keys)
    assert all(met[at] for at, key in enumerate(keys.tolist()) if keys.tolist().count(key) > 1)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 9))
def test_scores_are_the_sums_of_the_weights_of_tokens(texts: list[str], heads: int) -> None:
    """Weights side by side in one number give what each head alone gives, at its highest and lowest, too."""
    lines = arrays.batch([*texts, "水" * 300, "word " * 300])
    weights = np.random.default_rng(heads).choice(np.array([-128, -1, 0, 127], dtype=np.int8), (1 << 8, heads))
    weights[:, 0] = 127
    scales, biases = np.full(heads, 0.5, dtype=np.float32), np.arange(heads, dtype=np.float32)
    line, bucket = ngrams.tokens(lines, 8)
    sums = np.zeros((len(lines.rows), heads), dtype=np.int64)
    np.add.at(sums, line, weights[bucket].astype(np.int64))
    expected = sums / np.sqrt(np.bincount(line))[:, None] * scales.astype(np.float64) + biases
    assert expected.astype(np.float32).tolist() == ngrams.says(lines, ngrams.lanes(weights), scales, biases).tolist()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30))
def test_equal_keys_stand_together_in_their_order(values: list[int]) -> None:
    """Grouping is stable, also when keys differ in nothing but their low bits."""
    order, group = ties._groups(np.array(values, dtype=np.uint64))
    assert sorted(range(len(values)), key=lambda n: values[n]) == order.tolist()
    assert [sorted(set(values)).index(values[n]) for n in order] == group.tolist()
