"""An explanation, on the screen and as JSON."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.errors import LawError
from corpuskit.model import Candidate, Edit
from corpuskit.reviewing.explain import Explanation, explain, to_json
from corpuskit.reviewing.rendering import render, render_fields
from corpuskit.reviewing.visible import shorten, visible

RAW = "The Quarry\nBy Jon Aske\n\nThe cafÃ© had closed.\nAdvert below\nNobody minded.\n"


def edit(
    what: str, rule: str, inserted: str = "", confidence: float = 0.99, evidence: str = "", raw: str = RAW
) -> Edit:
    """An edit of the first place where `what` stands."""
    start = raw.index(what)
    return Edit(rule, start, start + len(what), what, inserted, evidence, confidence)


LEDGER = (
    edit("By Jon Aske\n", "byline.en.by", evidence="By and a name"),
    edit("cafÃ©", "encoding.any.mojibake", "café", 0.975),
    edit("Advert below\n", "ad-marker.en.below", confidence=0.6, evidence="Advert below"),
)


def explained(**fields: object) -> Explanation:
    """The explanation of the sample with further fields."""
    return explain(RAW, LEDGER, name="quarry.txt", **fields)  # type: ignore[arg-type]


def test_cuts_stand_where_they_were_made() -> None:
    """Without colour, each cut is marked in its line of the raw text, with rule, confidence and evidence."""
    expected = """\
quarry.txt: 3 edits, 30 of 74 characters removed (40.5 %), 4 inserted

1 │ The Quarry
2 │ [-By Jon Aske-]{byline.en.by .99: By and a name}
3 │
4 │ The [-cafÃ©-]{+café+}{encoding.any.mojibake .975} had closed.
5 │ [-Advert below-]{ad-marker.en.below .6}
6 │ Nobody minded.

by rule
     1 ×      13 characters  ad-marker.en.below
     1 ×      12 characters  byline.en.by
     1 ×       5 characters  encoding.any.mojibake
"""
    assert expected == render(explained())


def test_colour_says_the_same() -> None:
    """In colour, removed text is struck through in red, inserted text green, a doubtful cut's note yellow."""
    text = render(explained(), colour=True)
    assert "\x1b[31;9mBy Jon Aske\x1b[0m\x1b[2m{byline.en.by .99: By and a name}\x1b[0m" in text
    assert "\x1b[31;9mcafÃ©\x1b[0m\x1b[32mcafé\x1b[0m\x1b[2m{encoding" in text
    assert "\x1b[33m{ad-marker.en.below .6}\x1b[0m" in text
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert re.sub(r"\[-|-\]|\{\+|\+\}", "", render(explained())) == bare


def test_suspects_stand_apart() -> None:
    """What was seen and not done is listed after the text and not marked in it."""
    suspect = edit("Nobody minded.\n", "model.any.line", confidence=0.41, evidence="short, alone")
    text = render(explained(suspects=[suspect]))
    assert "6 │ Nobody minded.\n" in text
    assert (
        "suspects (seen, not made)\n  line 6: “Nobody minded.” {model.any.line .41: short, alone}\n" in text
    )
    assert text.startswith(
        "quarry.txt: 3 edits, 30 of 74 characters removed (40.5 %), 4 inserted; 1 suspect\n"
    )


def test_a_held_document_says_why() -> None:
    """The reason for holding a document stands at the top."""
    assert "\nheld: half of the words would go\n" in render(
        explained(status="held", reason="half of the words would go")
    )


def test_a_cut_over_lines_is_marked_on_each() -> None:
    """A block is struck line by line and named once; line breaks of their own are shown."""
    raw = "One.\nSign up\nGet the app\nTwo.\n\n\nThree.\r\n"
    ledger = [
        edit("Sign up\nGet the app\n", "promo.en.block", raw=raw),
        edit("\n\n\n", "blank.any.run", "\n\n", raw=raw),
        edit("\r\n", "encoding.any.newline", "\n", raw=raw),
    ]
    assert [
        "1 │ One.",
        "2 │ [-Sign up-]",
        "3 │ [-Get the app-]{promo.en.block .99}",
        "4 │ Two.[-⏎-]",
        "5 │ [-⏎-]",
        "6 │ [-⏎-]{+⏎⏎+}{blank.any.run .99}",
        "7 │ Three.[-\\r⏎-]{+⏎+}{encoding.any.newline .99}",
    ] == render(explain(raw, ledger)).split("\n")[2:9]


def test_long_kept_text_is_folded() -> None:
    """Runs of untouched lines and long stretches are shown by their ends, unless all is asked for."""
    raw = "".join(f"Line {at} of the log.\n" for at in range(1, 31)) + "Sign up\n" + "word " * 200
    found = explain(raw, [edit("Sign up\n", "promo.en.sign-up", raw=raw)])
    short = render(found)
    assert " 2 │ Line 2 of the log.\n   ⋮ 26 lines kept\n29 │ Line 29 of the log.\n" in short
    assert "31 │ [-Sign up-]{promo.en.sign-up .99}\n" in short
    assert "[…780 characters…]" in short
    assert all(line.strip() in render(found, full=True) for line in raw.replace("Sign up", "").split("\n"))


def test_a_reason_is_told_once() -> None:
    """The same rule with the same evidence is explained where it first struck, and only named after that."""
    raw = "Ad\nOne.\nAd\nTwo.\nAd\n"
    ledger = [
        Edit("ad-marker.en.slot", at, at + 3, "Ad\n", "", why, 0.99)
        for at, why in ((0, "a slot"), (8, "a slot"), (16, "the last slot"))
    ]
    text = render(explain(raw, ledger))
    notes = re.findall(r"\{(.*)\}", text)
    assert [
        "ad-marker.en.slot .99: a slot",
        "ad-marker.en.slot .99",
        "ad-marker.en.slot .99: the last slot",
    ] == notes


def test_a_ledger_of_another_text_is_refused() -> None:
    """Marks are never set where they do not belong."""
    with pytest.raises(LawError, match="removes what is not there"):
        explain(RAW.upper(), LEDGER)


@pytest.mark.parametrize(
    ("chosen", "other", "conflicts"),
    [
        ("2021-03-04", ("2021-03-04T05:06:07", "page", 0.9), ()),
        ("2021-03-04", ("2021-04-03", "page", 0.9), ("2021-04-03",)),
        ("2021-03-04", ("2021-04-03", "copy", 0.9), ()),
        ("2021-03-04", ("2021-04-03", "text", 0.4), ()),
        ("THE QUARRY", ("The Quarry", "page", 0.9), ()),
    ],
)
def test_a_conflict_is_another_value_and_not_another_spelling(
    chosen: str, other: tuple[str, str, float], conflicts: tuple[str, ...]
) -> None:
    """Partial values, other cases, copies and what is too unsure to be chosen do not contradict."""
    value, origin, confidence = other
    candidates = [Candidate("date_published", chosen, "given", "column"),
                  Candidate("date_published", value, origin, "x", confidence=confidence)]  # type: ignore[arg-type]  # fmt: skip
    assert conflicts == explained(chosen=candidates[:1], others=candidates[1:]).fields[0].conflicts


def test_fields_show_choice_and_conflict() -> None:
    """Each field shows what was chosen, what agrees and what does not, and where each comes from."""
    chosen = [Candidate("author", "Jon Aske", "text", "By Jon Aske", "byline.en.by", 11, 23, 0.98)]
    others = [
        Candidate("author", "J. Aske", "page", "meta[author]", confidence=0.7),
        Candidate("author", "Jon Aske", "given", "column author"),
        Candidate("author", "J. Aske", "page", "link[author]", confidence=0.6),
        Candidate("title", "The Quarry", "text", "first line", "title.first-line", 0, 10, 0.5),
    ]
    assert (
        "author: Jon Aske  {text, line 2, byline.en.by, confidence .98: By Jon Aske}\n"
        "  also: Jon Aske  {given, confidence 1: column author}\n"
        "  not: J. Aske  {page, confidence .7: meta[author]}\n"
        "  conflict: {J. Aske}\n"
        "title: nothing chosen\n"
        "  not: The Quarry  {text, line 1, title.first-line, confidence .5: first line}\n"
    ) == render_fields(explained(chosen=chosen, others=others))
    assert "no field has a candidate\n" == render_fields(explained())


def test_json_is_exact() -> None:
    """Programs get spans, lines, texts and fields as they are."""
    value = json.loads(to_json(explained(chosen=[Candidate("title", "The Quarry", "text", "first line")])))
    assert ("quarry.txt", "clean", "", 74, 48) == tuple(
        value[key] for key in ("name", "status", "reason", "raw_characters", "clean_characters")
    )
    assert {
        "rule": "encoding.any.mojibake",
        "family": "encoding",
        "line": 4,
        "start": 28,
        "end": 33,
        "removed": "cafÃ©",
        "inserted": "café",
        "confidence": 0.975,
        "evidence": "",
    } == value["edits"][1]
    assert ("title", "The Quarry") == (value["fields"][0]["field"], value["fields"][0]["chosen"][0]["value"])
    assert "The Quarry\n\nThe café had closed.\nNobody minded.\n" == value["text"]


hostile = st.text(
    st.sampled_from("ab \t\n\r\x00\x07\x1b[2J\x7f\x9b\u202e\u2066\u2028\u200b\ufeff\ud800\U000e0041é")
)


@given(hostile, hostile, hostile, st.booleans(), st.booleans())
def test_no_command_reaches_the_terminal(
    before: str, removed: str, after: str, colour: bool, full: bool
) -> None:
    """Whatever a text holds, only our own colours leave: no control, direction, or unprintable character."""
    raw = before + removed + after
    at = len(before)
    ledger = [Edit(f"promo.{removed}", at, at + len(removed), removed, after, before, 0.5)] if removed else []
    field = Candidate(before, removed, "text", after, removed, 0, 1)
    found = explain(raw, ledger, ledger, name=removed, chosen=[field], status="held", reason=after)
    shown = render(found, colour=colour, full=full) + render_fields(found, colour=colour) + to_json(found)
    bare = re.sub(r"\x1b\[(?:0|1|2|33|32|31;9)m", "", shown) if colour else shown
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", bare
    )
    assert json.loads(to_json(found))["text"] == before + (after if removed else "") + after


@given(hostile)
def test_every_line_is_shown(raw: str) -> None:
    """In full, each line of the raw text has its number once, in order."""
    numbers = re.findall(r"^ *(\d+) │", render(explain(raw, []), full=True), re.MULTILINE)
    assert [str(at) for at in range(1, len(raw.removesuffix("\n").split("\n")) + (raw != ""))] == numbers


def test_invisible_is_shown_in_edits_only() -> None:
    """What cannot be seen is kept in running text, and spelt out where it is what an edit is about."""
    assert "a\u200cb\tc" == visible("a\u200cb\tc")
    assert "a\\u200cb\\tc\\xa0" == visible("a\u200cb\tc\xa0", edited=True)
    assert "\\x1b[31m\\U000e0041\\r" == visible("\x1b[31m\U000e0041\r")


@given(st.text(max_size=40), st.integers(4, 30))
def test_shortened_text_keeps_its_length(text: str, most: int) -> None:
    """A text is cut to exactly what is allowed, and only when it is longer."""
    assert min(len(text), most) == len(shorten(text, most))
