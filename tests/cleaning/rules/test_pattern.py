"""What a match of a pattern must hold: the analysis may find too little, never too much."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.cleaning.rules import loader, pattern
from corpuskit.cleaning.rules.pattern import Needs, comparable, needs_of

_TEXT = "aAbB ſK.-é07"
_ATOMS = st.one_of(
    st.sampled_from(["a", "b", "ab", "k", "s", " ", "é", r"\.", ".", "[ab]", "[^a]", "[a-b]", r"\d", "^", "$", "[-.]"]),
    st.sampled_from(["(?:ab|b)", "(?P<x>a|)", "(?-i:A)", "(?:a|b.)", "(?:ab? )"]),
)
_PIECES = st.tuples(_ATOMS, st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,2}", "+?"])).map("".join)
_SEQUENCES = st.lists(_PIECES, min_size=1, max_size=5).map("".join)
_PATTERNS = st.lists(_SEQUENCES, min_size=1, max_size=3).map("|".join)


def fits(needs: Needs, text: str) -> bool:
    """Whether a line has what a pattern needs, as the engine compares them."""
    line = comparable(text)
    heads, inner, also, tails = ([one.encode() for one in some] for some in needs)
    return (
        (not heads or line.startswith(tuple(heads)))
        and (not inner or any(one in line for one in inner))
        and (not also or any(one in line for one in also))
        and (not tails or line.endswith(tuple(tails)))
    )


@given(_PATTERNS, st.lists(st.text(_TEXT, max_size=8), max_size=8))
def test_no_match_lacks_what_its_pattern_needs(said: str, texts: list[str]) -> None:
    """A text that a pattern matches as a whole has what was found that the pattern needs."""
    needs = needs_of(f"(?i:{said})")
    missed = [text for text in texts if re2.fullmatch(f"(?i:{said})", text) and not fits(needs, text)]
    assert [] == missed


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("please +(?:donate|give)", Needs(heads=("please donate", "please give"))),
        ("(?:please|do) +(?:donate|give)? *.*TODAY.*", Needs(heads=("do ", "please "), also=("today",))),
        ("(?:kindly )?donate", Needs(heads=("donate", "kindly donate"))),
        (r"\d+ comments?", Needs(heads=("0 comment",))),
        (r"\d{1,2}[./]\d{1,2}[./][12]\d{3}", Needs(heads=("0.0.0", "0.0/0", "0/0.0", "0/0/0"))),
        (r".* in [0-9]{4}", Needs(tails=(" in 0",))),
        ("[^.]+(?:the|my|our) [^.]+[)»]", Needs(also=("my ", "our ", "the "), tails=(")", "»"))),
        ("[^ ]+ [^ ]+", Needs()),
        (".*©.*", Needs(inner=("©",))),
        ("[^.]*", Needs()),
        (r"(?:say|(?:\pL+ )?writes):", Needs(inner=("say:", "writes:"))),
        (r"\Qa+b\E", Needs()),
        ("(?i)abc", Needs()),
    ],
)
def test_needs(said: str, expected: Needs) -> None:
    """How lines begin is preferred to what they hold, and how they end where that is common; what is not understood needs
    nothing.
    """
    assert expected == needs_of(said)


@given(st.text(_TEXT + "12٣"), st.text(_TEXT + "12٣"))
def test_what_is_compared(before: str, after: str) -> None:
    """What is found in a text is found in what is compared, however the text goes on; twice changes nothing."""
    compared = comparable(before + after)
    assert comparable(compared.decode()) == compared
    assert compared.startswith(comparable(before))
    assert compared.endswith(comparable(after))
    assert b"00" not in compared
    assert b"  " not in compared


def test_what_is_stored() -> None:
    """The stored answers are those of the rule files (else: python -m corpuskit.cleaning.rules --update)."""
    path = Path(loader.__file__).parent / "data" / "literals.json"
    assert pattern.stored(loader.built_in_patterns()) == path.read_text(encoding="utf-8")
