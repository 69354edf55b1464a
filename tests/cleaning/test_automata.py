"""Automata in bounded memory: what has been forgotten is found again, and what is too large at first gets more."""

from __future__ import annotations

import random

import re2

from corpuskit.cleaning.automata import automaton


def test_little_memory_changes_no_answer() -> None:
    """An automaton that has to forget its states again and again answers like one that never does."""
    draw = random.Random(7)
    patterns = [r"(?i:.*(?:a.{6}b|c[^d]{5}d).*)", r"(?i:.*\d[a-d]{2}.{9}s.*)"]
    lines = ["".join(draw.choices("abcd 12said.é", k=40)).encode() for _ in range(4000)]
    for pattern in patterns:
        small, large = (automaton([pattern], re2.Set.FullMatchSet, memory) for memory in (1 << 16, 64 << 20))
        assert [small(line) for line in lines] == [large(line) for line in lines]
        assert {bool(large(line)) for line in lines} == {True, False}


def test_a_pattern_that_needs_more_gets_more() -> None:
    """A pattern too large for what it is given to begin with is made all the same."""
    words = "|".join(f"word{number}[a-z]{{1,9}}" for number in range(400))
    match = automaton([f"(?i:{words})"], re2.Set.FullMatchSet, 1 << 12)
    assert match(b"Word17abc") == [0]
    assert not match(b"word17")


def test_what_has_no_room_for_states_gets_more() -> None:
    """Of patterns that just fit, with no room left to look, none is missed: the automaton would say that there is nothing."""
    patterns = [rf"(?i:.*w[a-z]{{1,{number}}}\d{{{number}}}x)" for number in range(2, 40)]
    lines = [f"see Wab{'7' * number}X".encode() for number in range(2, 40)]
    for power in range(10, 22):
        match = automaton(patterns, re2.Set.FullMatchSet, 1 << power)
        assert [at in (match(line) or ()) for at, line in enumerate(lines)] == [True] * len(lines)
