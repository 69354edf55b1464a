"""Masking of personal data: the account holds, and nothing private is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.cleaning import clean
from corpuskit.errors import ConfigError
from corpuskit.metadata import enrich, pii
from corpuskit.metadata.masking import BLOT, blotted, counts, mask, mask_fields, mask_text, private_spans
from corpuskit.metadata.options import PiiOptions
from corpuskit.model import Candidate, Cleaned, Edit
from corpuskit.text import apply, restore

PIECES = (
    "mara.voss@example.org", "+49 30 901820-11", "(555) 010-9988 ", "192.168.17.4", "fe80::1ff:fe23:4567:890a",
    "DE89 3704 0044 0532 0130 00", "The ferry left. ", "\n", " or ", "@", "Advertisement\n", "&#64;", "a", "7", "::", ".",
    "Â ", "â€™", "Call 030 901820: ",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def test_placeholders_stand_in_the_text_and_the_ledger_has_what_stood_there() -> None:
    """Each find is an edit of the family pii with the kind as its rule."""
    raw = "Write to mara@example.org\nor call +49 30 9018200.\n"
    found = mask(raw, Cleaned(raw, ()), pii.KINDS)
    assert "Write to [email]\nor call [phone].\n" == found.cleaned.text
    assert [("pii.any.email", "mara@example.org"), ("pii.any.phone", "+49 30 9018200")] == [
        (edit.rule, edit.removed) for edit in found.cleaned.ledger
    ]
    assert {"email": 1, "iban": 0, "ip": 0, "phone": 1} == counts(found.cleaned.ledger)


@given(TEXTS)
def test_law_1_holds_and_nothing_is_left(raw: str) -> None:
    """Text and ledger give the raw text back, a second look finds nothing, and what is blotted tells nothing."""
    found = mask(raw, clean(raw), pii.KINDS)
    text, ledger = found.cleaned.text, found.cleaned.ledger
    assert text == apply(raw, ledger)
    assert raw == restore(text, ledger)
    assert [] == pii.find(text)
    for edit in ledger:
        shown = blotted(edit.removed, edit.start, found.private)
        assert len(edit.removed) == len(shown)
        assert [] == pii.find(shown)
        if edit.rule.startswith("pii."):
            assert BLOT * len(shown) == shown


@given(TEXTS)
def test_the_quick_look_misses_nothing(text: str) -> None:
    """A pattern that the quick look rules out finds nothing."""
    *likely, _ = pii._likely(text)
    for (_, pattern, confirmed), may in zip(pii._FINDERS, likely, strict=True):
        if not may:
            assert [] == [match for match in pattern.finditer(text) if confirmed(match.group())]


def test_what_cleaning_removed_is_private_too() -> None:
    """An address in a line that was cut, also behind an entity, is blotted out of what is published."""
    raw = "Share this article\nSubscribe: press@example.org\nJobs: jobs&#64;example.org\n"
    spans = private_spans(raw, (), pii.KINDS)
    assert [(30, 47)] == list(spans)
    cut = mask(raw, Cleaned("", (_edit(raw, 0, len(raw)),)), pii.KINDS)
    shown = blotted(raw, 0, cut.private)
    assert "example" not in shown
    assert len(raw) == len(shown)


def _edit(raw: str, start: int, end: int) -> Edit:
    return Edit("share.en.x", start, end, raw[start:end], "", "as it stood: press@example.org", 1.0)


def test_fields_tell_no_address() -> None:
    """A byline with an address gives the name; an author who is an address alone is nobody."""
    raw = "The Long Quay\n\nBy Mara Voss (mara@example.org)\n\nThe lamps went out, one after the other.\n"
    given = [
        Candidate("author", "desk@example.org", "given", "column author"),
        Candidate("title", "Ask +49 30 9018200", "given", "column title"),
    ]
    found = mask_fields(enrich(raw, raw, (), given), pii.KINDS)
    told = repr((found.title, found.authors, found.candidates, found.conflicts))
    assert "example.org" not in told
    assert "9018200" not in told
    assert "Ask [phone]" == found.title
    assert all(person.name for person in found.authors)


def test_masked_text_is_masked_for_good() -> None:
    """Masking twice is masking once, and kinds that are not asked for stay."""
    text = "a@b.org c@d.org@e.org 10.20.30.40"
    once = mask_text(text, pii.KINDS)
    assert once == mask_text(once, pii.KINDS)
    assert "10.20.30.40" in mask_text(text, ("email",))


@pytest.mark.parametrize(("options", "message"), [({"action": "masc"}, "mask"), ({"kinds": ("mail",)}, "email")])
def test_wrong_options(options: dict[str, object], message: str) -> None:
    """The message names the nearest."""
    with pytest.raises(ConfigError, match=f"did you mean '{message}'"):
        PiiOptions(**options)  # type: ignore[arg-type]
