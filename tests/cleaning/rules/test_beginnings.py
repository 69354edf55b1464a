"""How lines begin: the dictionary finds every pattern that RE2, case ignored, would find, and few more."""

from __future__ import annotations

import sys

import re2
from hypothesis import example, given
from hypothesis import strategies as st

from corpuskit.cleaning.rules.heads import Heads

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
def test_no_pattern_is_missed(heads: list[list[str]], lines: list[str]) -> None:
    """Each pattern one of whose beginnings a line begins with is named, with each such line once, in order."""
    found = [(number, place) for number, some in Heads(enumerate(heads)).ask([*map(str.casefold, lines)]) for place in some]
    sure = {
        (number, place) for number, some in enumerate(heads) for place, line in enumerate(lines)
        if any(re2.match(f"(?i:{re2.escape(one)})", line) for one in some)
    }  # fmt: skip
    folded = [
        (number, place) for number, some in enumerate(heads) for place, line in enumerate(lines)
        if line.casefold().startswith(tuple(map(str.casefold, some)))
    ]  # fmt: skip
    assert sure <= set(found)
    assert found == folded


def test_beginnings_of_any_length() -> None:
    """Shorter and longer beginnings of one another are all found, and nothing in a line that ends before them."""
    heads = ["a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "b"]
    ask = Heads(enumerate([one] for one in heads)).ask
    assert list(ask(["abcde", "abcdefgh and more", ""])) == [
        (0, [0, 1]), (1, [0, 1]), (2, [0, 1]), (3, [0, 1]), (4, [1]), (5, [1]),
    ]  # fmt: skip
    assert list(ask([""])) == list(ask([])) == list(Heads([]).ask(["abc"])) == []
