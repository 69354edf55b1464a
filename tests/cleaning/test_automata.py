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
