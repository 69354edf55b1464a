"""Sketches and candidates: what is proposed, and that nothing about the batch shows in it."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.duplicates.candidates import Keys, Pairs, linked, merge, propose, shared, within
from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.shingles import PASSAGE, grams, tokens
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.errors import ConfigError

VOCABULARY = [f"word{at}" for at in range(3000)]


def prose(seed: int, words: int) -> str:
    """Words drawn at random: no two seeds share a passage."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


@given(st.lists(st.text(max_size=60), max_size=8))
def test_a_sketch_depends_on_its_own_text_alone(texts: list[str]) -> None:
    """The row of a text is the same alone and in any batch."""
    together = sketch_batch(texts)
    for at, text in enumerate(texts):
        alone = sketch_batch([text])
        distinct = len(set(grams(tokens([text]).hashes, PASSAGE).tolist()))
        assert alone.words[0] == together.words[at]
        assert alone.passages[0] == together.passages[at] == distinct
        assert alone.digests[0].tolist() == together.digests[at].tolist()
        assert alone.bands[0].tolist() == together.bands[at].tolist()
        mine = together.anchor_texts == at
        assert alone.anchors.tolist() == together.anchors[mine].tolist()
        assert alone.probes.tolist() == together.probes[mine].tolist()


def test_case_spacing_and_punctuation_do_not_change_the_digest() -> None:
    """Folded words decide: the same words in another dress are the same text."""
    one, two = sketch_batch(["The ferry left; the pier\nstayed.", "THE FERRY  LEFT the pier stayed"]).digests
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [("the boat sank", "the boats ank"), ("ab c", "a bc"), ("rise and fall", "fall and rise"), ("!!!", "???")],
)
def test_other_words_have_another_digest(one: str, other: str) -> None:
    """Word borders and order count, and a text without words is told by its characters."""
    assert len(set(tokens([one, other]).digests)) == 2


def test_a_long_text_is_scanned_in_pieces_without_a_seam() -> None:
    """A text longer than a piece has the words of its parts, at their places."""
    text = prose(1, 120_000)
    words = tokens(["first", text, "last"])
    assert len(words.hashes) == 120_002
    at = 100_000
    assert text.split()[at] == text[words.starts[at + 1] : words.ends[at + 1]]
    assert tokens([text.upper()]).digests[0] == words.digests[1]


def test_a_book_is_sketched_in_bounded_memory() -> None:
    """Ten megabytes of text cost some bytes for each word and one piece at a time, not an array per step."""
    text = " ".join(prose(at, 1000) for at in range(1400))
    tracemalloc.start()
    sketch_batch([text])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(text)


def test_a_text_without_white_space_is_cut_all_the_same() -> None:
    """Two million letters in a row are some words, not an endless search."""
    assert 1 <= len(tokens(["x" * 2_000_000]).hashes) <= 5


def test_an_edited_copy_shares_a_band() -> None:
    """Ten changed words in three hundred leave at least one band whole."""
    words = prose(2, 300).split()
    edited = [f"new{at}" if at % 30 == 7 else word for at, word in enumerate(words)]
    bands = sketch_batch([" ".join(words), " ".join(edited)]).bands
    assert (bands[0] == bands[1]).any()


@pytest.mark.parametrize("start", [0, 137, 2800])
def test_every_anchor_of_an_excerpt_is_one_of_the_whole(start: int) -> None:
    """Winnowing looks at a window only, so what is chosen in the excerpt is chosen in the book."""
    whole = prose(3, 3000)
    excerpt = " ".join(whole.split()[start : start + 200])
    sketches = sketch_batch([whole, excerpt])
    book = set(sketches.anchors[sketches.anchor_texts == 0].tolist())
    mine = sketches.anchors[sketches.anchor_texts == 1].tolist()
    assert len(mine) >= DEFAULTS.probes
    assert set(mine) <= book


def test_texts_of_one_or_two_words_are_not_banded() -> None:
    """Without a shingle there is nothing to compare, so nothing is."""
    assert sketch_batch(["", "one", "one two", "one two three"]).banded.tolist() == [False, False, False, True]


def pairs(keys: list[int], ranks: list[int], options: Options = DEFAULTS) -> list[tuple[int, int, int]]:
    """The pairs that share band keys, with their counts."""
    rows = Keys(np.array(keys, dtype=np.uint64), np.array(ranks, dtype=np.int64), np.zeros(len(keys), np.uint8))
    found = propose(rows, 0, options)
    columns = (found.later.tolist(), found.earlier.tolist(), found.bands.tolist())
    return list(zip(*columns, strict=True))


def test_a_small_bucket_gives_all_its_pairs() -> None:
    """Each pair stands once, the later first, with the number of keys it shares."""
    assert pairs([9, 9, 9, 5, 5, 6], [7, 4, 1, 4, 1, 7]) == [(4, 1, 2), (7, 1, 1), (7, 4, 1)]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 200)), unique=True, max_size=200), st.randoms())
def test_pairs_do_not_depend_on_the_order_of_the_keys(
    rows: list[tuple[int, int]], shuffler: random.Random
) -> None:
    """The same keys in another order propose the same pairs, in crowded buckets too."""
    options = Options(bucket=8, heads=2)
    before = pairs([key for key, _ in rows], [rank for _, rank in rows], options)
    shuffler.shuffle(rows)
    assert before == pairs([key for key, _ in rows], [rank for _, rank in rows], options)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 2)), max_size=80))
def test_partitions_of_the_keys_can_be_worked_on_alone(rows: list[tuple[int, int, int]]) -> None:
    """What the partitions find, merged, is what the whole finds."""

    def found(some: list[tuple[int, int, int]]) -> Pairs:
        key, rank, kind = np.array(some, dtype=np.int64).reshape(-1, 3).T
        return propose(Keys(key.astype(np.uint64), rank, kind.astype(np.uint8)), 2, DEFAULTS)

    def shown(some: Pairs) -> list[list[int]]:
        return [c.tolist() for c in (some.later, some.earlier, some.bands, some.anchors, some.back)]

    halves = [[row for row in rows if row[0] % 2 == half] for half in (0, 1)]
    assert shown(found(rows)) == shown(merge([found(half) for half in halves]))


def test_a_crowded_bucket_costs_no_more_than_its_members() -> None:
    """A hundred thousand texts under one key are linked to the first ones and their neighbours."""
    size = 100_000
    rows = Keys(np.zeros(size, dtype=np.uint64), np.arange(size), np.zeros(size, dtype=np.uint8))
    found = propose(rows, 0, DEFAULTS)
    assert len(found.later) <= 2 * DEFAULTS.heads * size
    assert set(range(1, size)) == set(found.later[found.earlier == 0].tolist())


def test_a_pair_needs_a_share_of_the_answers() -> None:
    """One common formula is not enough, a quarter of the anchors is, and a band always is."""
    zeros = np.zeros(3, dtype=np.int64)
    proposed = Pairs(np.array([5, 5, 6]), np.array([1, 2, 1]), np.array([0, 0, 1]), np.array([3, 4, 0]), zeros)
    later, earlier = linked(proposed, np.full(7, 16), DEFAULTS)
    assert list(zip(later.tolist(), earlier.tolist(), strict=True)) == [(5, 2), (6, 1)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), unique=True, max_size=60))
def test_keys_that_several_texts_have_are_told_from_those_of_one(rows: list[tuple[int, int]]) -> None:
    """All rows of the former, none of the latter, in the order they came."""
    key, text = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    found = shared(Keys(key.astype(np.uint64), text, np.ones(len(key), dtype=np.uint8)))
    expected = [row for row in rows if sum(other[0] == row[0] for other in rows) > 1]
    assert list(zip(found.keys.tolist(), found.texts.tolist(), strict=True)) == expected


def test_keys_are_equal_within_one_component_and_kind_only() -> None:
    """The same key in another component is another one, and no band is an anchor."""
    keys = Keys(np.full(6, 7, dtype=np.uint64), np.arange(6)[::-1].copy(), np.array([0, 0, 1, 2, 0, 1], dtype=np.uint8))
    found = within(keys, np.array([0, 0, 0, 0, 9, 9]))
    assert found.texts.tolist() == [0, 1, 2, 3, 4, 5]
    anchor, band, asked, other, first, second = found.keys.tolist()
    assert first == second
    assert asked == other
    assert len({anchor, band, asked, first}) == 4


@pytest.mark.parametrize(
    "bad", [{"window": 12}, {"min_coverage": 0.0}, {"bands": 31}, {"rows": 0}, {"max_facts": -1}]
)
def test_options_out_of_range_are_refused(bad: dict[str, float]) -> None:
    """A setting that the sketch or the decision cannot work with is a configuration error that names it."""
    with pytest.raises(ConfigError, match=next(iter(bad))):
        Options(**bad)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_strangers_are_not_proposed(seed: int) -> None:
    """Texts that share no passage share no anchor."""
    sketches = sketch_batch([prose(seed, 200), prose(seed + 20_000, 200)])
    _, counts = np.unique(sketches.anchors, return_counts=True)
    assert counts.max() == 1
