"""The account: lines, apply, restore, lift, compose."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit import text
from corpuskit.errors import LawError, UsageError
from corpuskit.model import Edit

ALPHABET = "ab \n\r\u2028\x0c\x85éİ字\U0001f600"


@st.composite
def ledgers(draw: st.DrawFn, over: str) -> tuple[Edit, ...]:
    """Random sorted, disjoint edits of `over`; adjacent ones and ones with insertions among them."""
    cuts = sorted(draw(st.sets(st.integers(0, len(over)), max_size=12)))
    edits = []
    for start, end in itertools.pairwise(cuts):
        if draw(st.booleans()):
            inserted = draw(st.text(ALPHABET, max_size=3))
            edits.append(Edit(f"r{len(edits)}", start, end, over[start:end], inserted, "", 0.5))
    return tuple(edits)


@given(st.text(ALPHABET))
def test_lines_cover_the_text_and_split_at_newline_only(raw: str) -> None:
    """Lines cover the text without gaps; only a newline ends one."""
    parts = [raw[a:b] for a, b in text.lines(raw)]
    assert "".join(parts) == raw
    assert all(part.count("\n") <= 1 and "\n" not in part[:-1] for part in parts)
    assert all(part.endswith("\n") for part in parts[:-1])


@given(st.data(), st.text(ALPHABET, max_size=40))
def test_apply_and_restore_are_inverse(data: st.DataObject, raw: str) -> None:
    """Law 1 holds for any sorted, disjoint ledger."""
    ledger = data.draw(ledgers(raw))
    clean = text.apply(raw, ledger)
    assert text.restore(clean, ledger) == raw
    text.check(raw, clean, ledger)


@given(st.data(), st.text(ALPHABET, max_size=40))
def test_compose_is_one_after_the_other(data: st.DataObject, raw: str) -> None:
    """A composed ledger does what its two parts do, and is a lawful ledger of the raw text."""
    inner = data.draw(ledgers(raw))
    middle = text.apply(raw, inner)
    outer = data.draw(ledgers(middle))
    both = text.compose(raw, inner, outer)
    assert text.apply(raw, both) == text.apply(middle, outer)
    assert text.restore(text.apply(raw, both), both) == raw
    kept = {e.rule for e in both} | {r for e in both for r in e.evidence.replace(",", "").split()}
    assert {e.rule for e in inner} | {e.rule for e in outer} <= kept


@given(st.data(), st.text(ALPHABET, min_size=1, max_size=40))
def test_lift_holds_what_the_view_shows(data: st.DataObject, raw: str) -> None:
    """A lifted span produces at least the view span it came from, and the whole view lifts into the raw text."""
    seen = text.view(raw, data.draw(ledgers(raw)))
    if not seen.text:
        return
    start = data.draw(st.integers(0, len(seen.text) - 1))
    end = data.draw(st.integers(start + 1, len(seen.text)))
    raw_start, raw_end = seen.lift(start, end)
    assert 0 <= raw_start < raw_end <= len(raw)
    inside = tuple(
        Edit(e.rule, e.start - raw_start, e.end - raw_start, e.removed, e.inserted, "", 1.0)
        for e in seen.edits
        if e.start >= raw_start and e.end <= raw_end
    )
    assert seen.text[start:end] in text.apply(raw[raw_start:raw_end], inside)


def test_a_span_end_inside_an_insertion_widens_to_its_edit() -> None:
    """Half of an inserted string cannot be mapped, so the span takes the whole of its edit."""
    seen = text.view("a&amp;&amp;b", [Edit("encoding.any.entity", 1, 11, "&amp;&amp;", "&&", "", 1.0)])
    assert seen.text == "a&&b"
    assert seen.lift(0, 2) == (0, 11)
    assert seen.lift(2, 4) == (1, 12)
    assert seen.lift(3, 4) == (11, 12)


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Edit("r", 1, 1, "", "x", "", 1.0)], "empty"),
        ([Edit("r", 0, 2, "ab", "", "", 1.0), Edit("s", 1, 3, "bc", "", "", 1.0)], "overlaps"),
        ([Edit("r", 0, 2, "xx", "", "", 1.0)], "not there"),
    ],
)
def test_apply_refuses_an_unlawful_ledger(edits: list[Edit], message: str) -> None:
    """Empty, overlapping and false edits are law errors, not silent damage."""
    with pytest.raises(LawError, match=message):
        text.apply("abcd", edits)


def test_restore_takes_rows_as_they_are_published() -> None:
    """Dicts, as `datasets` gives them; what is masked nobody gets back."""
    row = {"rule": "x.y.z", "start": 0, "end": 3, "removed": "Ad\n", "inserted": "", "evidence": "", "confidence": 1.0}
    assert text.restore("Text.", iter([row])) == "Ad\nText."
    with pytest.raises(UsageError, match=r"edit x\.y\.z at \[0, 3\): what it removed is personal data"):
        text.restore("Text.", [{**row, "removed": None}])


def test_restore_refuses_a_clean_text_that_was_touched() -> None:
    """Restoring from a text that does not hold the insertion is a law error."""
    with pytest.raises(LawError, match="insertion"):
        text.restore("xy", [Edit("r", 0, 1, "a", "q", "", 1.0)])
