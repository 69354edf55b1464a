"""Side by side: common passages in the order of both texts, and the gaps between them."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpuskit.duplicates.compare import Stretch, compare
from corpuskit.duplicates.verify import read

words = st.lists(st.sampled_from(["tide", "net", "rope", "oar", "mast"]), max_size=60)
pieces = st.lists(st.sampled_from([f"w{at} x{at} y{at} z{at} q{at} v{at}" for at in range(8)]), max_size=8)


def stretches(a: str, b: str) -> list[tuple[bool, str, str]]:
    """The stretches as texts."""
    return [(one.same, a[slice(*one.a)], b[slice(*one.b)]) for one in compare(read(a), read(b))]


@given(words | pieces, words | pieces)
def test_every_word_of_both_stands_in_one_stretch(one: list[str], other: list[str]) -> None:
    """Read one after the other, the stretches give both texts; what is called common is."""
    a, b = " ".join(one), " ".join(other)
    found = stretches(a, b)
    assert a == " ".join(left for _, left, _ in found if left)
    assert b == " ".join(right for _, _, right in found if right)
    assert all(left == right for same, left, right in found if same)


def test_an_exchanged_word_is_the_only_gap() -> None:
    """Case and punctuation make no difference, a number does."""
    a = "The boat left the pier at nine, as it does on Mondays, and nobody waved."
    b = "THE BOAT left the pier at ten; as it does on Mondays and nobody waved"
    assert [
        (True, "The boat left the pier at", "THE BOAT left the pier at"),
        (False, "nine", "ten"),
        (True, "as it does on Mondays, and nobody waved", "as it does on Mondays and nobody waved"),
    ] == stretches(a, b)


@given(words | pieces, words | pieces)
def test_a_gap_lies_between_words_that_differ(one: list[str], other: list[str]) -> None:
    """Two common stretches never meet, and what both have beside a common stretch belongs to it."""
    found = stretches(" ".join(one), " ".join(other))
    assert not any(first[0] and second[0] for first, second in pairwise(found))
    for (_, before, _), (same, left, right), (_, after, _) in zip(found, found[1:], found[2:], strict=False):
        if not same and before and after and left and right:
            assert left.split()[0] != right.split()[0]
            assert left.split()[-1] != right.split()[-1]


def test_a_refrain_does_not_tear_a_passage() -> None:
    """Words that stand in the other text before, too, are common where they stand, and one edit is one gap."""
    refrain = "and so the river took its toll"
    verses = [" ".join(random.Random(at).choices([f"w{n}" for n in range(900)], k=12)) for at in range(4)]
    a = " ".join(f"{verse} {refrain}" for verse in verses)
    old, new = verses[2].split()[7], "bridge"
    before, after = a.split(f" {old} ")
    assert [(True, before, before), (False, old, new), (True, after, after)] == stretches(a, f"{before} {new} {after}")


def test_of_passages_in_another_order_the_longest_chain_stays() -> None:
    """Two halves that changed places: the longer one is common, the other a gap on both sides."""
    draw = random.Random(3)
    long, short = (" ".join(draw.choices([f"w{at}" for at in range(900)], k=size)) for size in (40, 20))
    assert [(False, short, ""), (True, long, long), (False, "", short)] == stretches(f"{short} {long}", f"{long} {short}")


def test_texts_without_a_passage_are_one_gap() -> None:
    """Strangers, and nothing at all."""
    assert [(False, "one two", "three")] == stretches("one two", "three")
    assert [Stretch(False, (0, 0), (0, 3), 1)] == compare(read(""), read("one"))
    assert [] == compare(read(""), read(""))
