"""The line rules of others, as they were published."""

from __future__ import annotations

import pytest

from baselines import c4_lines, nothing, refinedweb_lines, unrepeated_lines

TEXT = "A TITLE\nHe came home late.\n1998\nHe came home late.\n3 likes\nSo she said"


def test_nothing() -> None:
    """Nothing is done."""
    assert nothing(TEXT) == TEXT


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("He came home late.", True),
        ("Did he come home?", True),
        ('"I came home"', True),
        ("He came home late", False),
        ("He came home...", False),
        ("Come home!", False),
        ("Please turn on JavaScript now.", False),
        ("Read our privacy policy here.", False),
        ("他回家很晚。", False),
    ],
)
def test_c4(line: str, stays: bool) -> None:
    """A line stays that ends in ASCII terminal punctuation and has three words: Chinese loses everything."""
    assert c4_lines(line) == (line if stays else "")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("He came home late.", "He came home late."),
        ("THE LAST Ferry", ""),
        ("1998", ""),
        ("3 likes", ""),
        ("Sports", ""),
        ("sign-in to your account", " to your account"),
        ("The pier was closed read more...", "The pier was closed "),
    ],
)
def test_refinedweb(line: str, left: str) -> None:
    """Upper case, numbers, counters and single words go; in short lines only the phrase does."""
    assert refinedweb_lines(line) == left


def test_unrepeated() -> None:
    """Every copy of a line that repeats goes; blank lines stay."""
    assert unrepeated_lines("a\n\nb\n\na") == "\n\nb\n"[1:-1] + "\n"
