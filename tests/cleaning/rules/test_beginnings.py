"""How lines begin: every pattern is found that RE2, case ignored, would find, and few more."""

from __future__ import annotations

import sys

import pytest
import re2
from hypothesis import example, given
from hypothesis import strategies as st

from corpuskit.cleaning.rules.heads import Heads
from corpuskit.cleaning.rules.pattern import comparable

_TEXT = "aAsSſkKß ẞẞσςΣéÉ.-1"


def test_all_that_is_equal_for_re2_is_equal_with_case_folded() -> None:
    """For each character of Unicode that has cases: those that RE2 takes for it, case ignored, fold to the same."""
    every = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    cased = "".join(one for one in every if {one.lower(), one.upper(), one.title(), one.casefold()} != {one})
    assert len(cased) > 2000
    wrong = [
        (one, other)
        for one in cased
        for other in re2.findall(f"(?i:{re2.escape(one)})", cased)
        if other.casefold() != one.casefold()
    ]
    assert wrong == []


@given(
    st.lists(st.lists(st.text(_TEXT, min_size=1, max_size=9), max_size=4), max_size=5),
    st.lists(st.text(_TEXT, max_size=12), max_size=3),
)
@example([["Σ", "Σ1"]], ["Σ"])
@example([["ab", "abcd"]], ["ab", "abc"])
def test_no_pattern_is_missed(heads: list[list[str]], lines: list[str]) -> None:
    """Each pattern one of whose beginnings a line begins with is named, with each such line once, in order."""
    compared = [comparable(line) for line in lines]
    beginnings = [[comparable(one) for one in some] for some in heads]
    found = Heads(enumerate(beginnings)).ask(compared)
    sure = {
        (number, place) for number, some in enumerate(heads) for place, line in enumerate(lines)
        if any(re2.match(f"(?i:{re2.escape(one)})", line) for one in some)
    }  # fmt: skip
    expected = {
        number: places for number, some in enumerate(beginnings)
        if (places := [place for place, line in enumerate(compared) if line.startswith(tuple(some))])
    }  # fmt: skip
    assert sure <= {(number, place) for number, places in found.items() for place in places}
    assert found == expected


def test_beginnings_of_any_length() -> None:
    """Shorter and longer beginnings of one another are all found, and nothing in a line that ends before them."""
    heads = [b"a", b"ab", b"abc", b"abcd", b"abcdefg", b"abcdefgh", b"b"]
    ask = Heads(enumerate([one] for one in heads)).ask
    assert ask([b"abcde", b"abcdefgh and more", b""]) == {0: [0, 1], 1: [0, 1], 2: [0, 1], 3: [0, 1], 4: [1], 5: [1]}
    assert ask([b""]) == ask([]) == Heads([]).ask([b"abc"]) == {}


def test_one_pattern_is_found_once() -> None:
    """A pattern that begins in two ways, one the beginning of the other, is found once in a line."""
    assert Heads([(7, [b"ab", b"a", b"abc"])]).ask([b"abcd", b"ax", b"a", b"b"]) == {7: [0, 1, 2]}


def test_beginnings_that_are_forgotten_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """How lines have begun is remembered up to a bound, and what is found does not depend on that."""
    wanted = [(number, (word.encode(),)) for number, word in enumerate(("a", "ab", "abcdef", "tags", "tag 0", "zz"))]
    lines = [word.encode() for word in ("abcdefg", "ab", "tags: a", "zebra", "tag 0", "", "zz", "abc", "quay", "a")] * 2
    expected = {number: [at for at, line in enumerate(lines) if line.startswith(head)] for number, (head,) in wanted}
    monkeypatch.setattr("corpuskit.cleaning.rules.heads._KNOWN", 2)
    assert expected == Heads(wanted).ask(lines)
