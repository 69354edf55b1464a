"""What lines hold: every pattern is named of which a line holds a literal, and no other."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from corpuskit.cleaning.rules.inner import Inner


def _bytes(least: int, most: int) -> st.SearchStrategy[bytes]:
    return st.text("abc", min_size=least, max_size=most).map(str.encode)


@given(st.lists(st.lists(_bytes(1, 4), max_size=4), max_size=5), st.lists(_bytes(0, 20)))
@example([[b"a", b"ab"], [b"b"]], [b"ab", b"", b"ba"])
def test_as_substrings_are_found(literals: list[list[bytes]], lines: list[bytes]) -> None:
    """Literals inside and across one another are all found, a pattern once in a line, lines in order."""
    expected = {
        number: places for number, some in enumerate(literals)
        if (places := [place for place, line in enumerate(lines) if any(one in line for one in some)])
    }  # fmt: skip
    assert Inner(enumerate(literals)).ask(lines) == expected


def test_a_literal_of_several_patterns() -> None:
    """Two patterns that need the same are both named; without patterns nothing is."""
    assert Inner([(4, [b"cookie"]), (9, [b"cookie", b"okie"])]).ask([b"x", b"a cookie"]) == {4: [1], 9: [1]}
    assert Inner([]).ask([b"a cookie"]) == {}
