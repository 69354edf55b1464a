"""What cleaning spares most lines changes nothing: each shortcut against the slow way."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit import words
from corpuskit.cleaning import tables
from corpuskit.cleaning.alignment import opcodes
from corpuskit.cleaning.detectors.credits import _SEAM
from corpuskit.cleaning.detectors.names import _folded, _may_begin
from corpuskit.cleaning.detectors.repetition import pull_quote
from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.page import Page
from corpuskit.cleaning.phases import cleaner
from corpuskit.cleaning.repair import repair, repaired
from corpuskit.cleaning.rules import engine, loader
from corpuskit.cleaning.rules.engine import Matcher
from corpuskit.cleaning.rules.rule import Rule, RuleSet
from corpuskit.cleaning.slots import normalise, normalise_each, signs
from corpuskit.cleaning.templates import Finder, Template, Templates
from corpuskit.text import apply


@pytest.fixture(scope="module")
def builtin() -> RuleSet:
    """The rules of the package."""
    return loader.load()


_PIECES = st.sampled_from(
    [
        "The quay", "  ", " ", "\t", "\u00a0", "\u2028", "\x85", "12 May 2021", "may", "Marsch", "0 a.m.", "7pm", "mai",
        "٣", "½", "a_b", "Café", "Cafe\u0301", "\u0301", "İstanbul", "ΟΔΟΣ", "οδος", "https://quay.example/7", "Ada Lind",
        "⟨date⟩", "märz", "1märz", "|", "ǅ", "TrainAcme", "été", "𝟗", "灯り", "\r", "&amp;", "Ã¼", "\x00",
    ]
)  # fmt: skip
_LINES = st.lists(st.lists(_PIECES, max_size=6).map("".join), max_size=6)
_KNOWN = (("author", "ada lind"), ("title", "the quay"), ("date", "2021"))


@settings(deadline=None)
@given(st.lists(_LINES.map("\n".join), min_size=1, max_size=3), st.booleans())
def test_lines_are_normalised_together_as_one_by_one(texts: list[str], named: bool) -> None:
    """Lines without odd blanks or digits skip what is done about them, and the others are done in one go."""
    found = words.scan(texts)
    known = _KNOWN if named else ()
    marks = signs(found)
    first = 0
    for text, facts in zip(texts, gather(texts, found), strict=True):
        stop = first + text.count("\n") + 1
        own = replace(marks, uneven=marks.uneven[first:stop], numbers=marks.numbers[first:stop])
        expected = [normalise(facts.lines[line], known) for line in facts.filled]
        assert expected == normalise_each(facts.lines, facts.filled, own, known)
        first = stop


@settings(deadline=None)
@given(st.lists(_LINES.map("\n".join), min_size=1, max_size=3), st.booleans())
def test_no_line_of_a_template_is_passed_over(texts: list[str], named: bool) -> None:
    """Only lines that begin as a template does are normalised: each line of a text, as a template, is found in it."""
    known = _KNOWN if named else ()
    for facts in gather(texts):
        lines = [normalise(facts.lines[line], known) for line in facts.filled]
        for wanted in {*lines} - {""}:
            entries = tuple(Template("quay", zone, wanted, 5, 9, 0.9) for zone in ("between", "head", "tail"))
            found = [line for line, _, _ in Finder(Templates(entries)).marks(facts, "quay", known)]
            assert found == [facts.filled[at] for at, line in enumerate(lines) if line == wanted]


def test_months_are_slots_beside_digits_only_as_whole_words() -> None:
    """Any letter beside the name makes it another word, a digit or a sign does not."""
    lines = ["7 may", "7may", "7 mays", "7 maý", "ýmay 7", "_may_7", "may may 7", "may"]
    expected = ["0 ⟨date⟩", "0⟨date⟩", "0 mays", "0 maý", "ýmay 0", "_⟨date⟩_0", "⟨date⟩ ⟨date⟩ 0", "may"]
    assert expected == [normalise(line) for line in lines]


@settings(deadline=None)
@given(_LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_a_text_reads_after_repair_as_its_ledger_says(lines: list[str], gap: str) -> None:
    """Repair without the account gives the text that the account gives."""
    raw = gap.join(lines)
    assert apply(raw, repair(raw)) == repaired(raw)


_QUOTE = "the lamps along the harbour went out one by one that night."
_AROUND = st.sampled_from(
    [
        _QUOTE, _QUOTE.capitalize(), _QUOTE.replace(" ", "_", 1), _QUOTE.replace("lamps", "Lampſ"), f"“{_QUOTE}”",
        _QUOTE.replace("the", "İhe", 1), _QUOTE.replace("one", "one\u0301"), _QUOTE.replace("harbour", "harbor"),
        f"Nobody could say later how it had come about, but {_QUOTE[:-1]}, " + "and nobody had any oil left at all, " * 4,
        "İhe lamps along the harbour went out one by one that night, " + "and nobody had any oil left at all, " * 4,
        "i\u0307he lamps along the harbour went out one by one\u0301 that night, " + "and nobody had any oil, " * 6,
        "A short line.", "ΟΔΟΣ ΟΔΟΣ ΟΔΟΣ ΟΔΟΣ ΟΔΟΣ ΟΔΟΣ ΟΔΟΣ.", "οδος οδοσ οδος " * 20,
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(_AROUND, min_size=1, max_size=6).map("\n".join), min_size=1, max_size=3))
def test_no_pulled_quote_is_passed_over(texts: list[str]) -> None:
    """Lines whose first words stand nowhere else are not looked for in paragraphs; nothing is missed by that."""
    (rule,) = [one for one in cleaner().rules.rules if one.detector == "pull-quote"]
    matcher = cleaner().matcher
    for facts in gather(texts):
        every = replace(facts, echoes=b"\x01" * len(facts.lines))
        slow, fast = (
            list(pull_quote(Page(one, list(one.lines), bytearray(len(one.lines))), rule, (), matcher))
            for one in (every, facts)
        )
        assert slow == fast


@settings(deadline=None)
@given(st.lists(_LINES.map("\n".join), min_size=1, max_size=3))
def test_lines_that_stand_twice_or_have_seams_are_known(texts: list[str]) -> None:
    """A line has its mark where another line of its document has its words, or where a name may be glued to a word."""
    for facts in gather(texts):
        for line, text in enumerate(facts.lines):
            twice = facts.words[line] > 0 and facts.keys.count(facts.keys[line]) > 1
            assert twice == bool(facts.again[line])
            assert facts.seams[line] or not _SEAM.search(text)


def _lines_of(rules: RuleSet) -> list[str]:
    """The lines of all examples."""
    texts = {text.replace("⟦", "").replace("⟧", "") for rule in rules.rules for text in (*rule.removes, *rule.keeps)}
    return sorted({line for text in texts for line in text.split("\n")})


def test_no_pattern_that_matches_is_passed_over(builtin: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a line before its patterns are changes no hit, nor how many lines are asked about at once: of some
    rules, in the examples of all."""
    rules = RuleSet(tuple(rule for rule in builtin.rules[::5] if rule.scope != "span"))
    lines = _lines_of(builtin)[::3]
    expected = []
    for number, line in enumerate(lines):
        text = engine.folded(line)
        start, end = engine.trimmed(text)
        expected += [
            (number, index) for index, rule in enumerate(rules.rules)
            if start < end <= start + rule.max_chars
            and any(engine.compiled(one, rule.ignore_case).fullmatch(text[start:end]) for one in rule.patterns)
        ]  # fmt: skip
    found = Matcher(rules).lines(lines)
    assert expected == [(hit.line, hit.rule) for hit in found]
    assert len(expected) > 200
    monkeypatch.setattr(engine, "_AT_ONCE", 7)
    assert found == Matcher(rules).lines(lines)


def test_parts_are_found_in_many_lines_at_once_as_in_each(builtin: RuleSet) -> None:
    """Looking through lines together misses nothing, at the ends of lines either."""
    lines = _lines_of(RuleSet(tuple(rule for rule in builtin.rules if rule.scope == "span")))
    matcher = Matcher(builtin)
    together = matcher.spans(lines)
    assert together
    assert [hit._replace(line=0) for hit in together] == [hit for line in lines for hit in matcher.spans([line])]


def test_a_pattern_for_the_end_of_the_text_sees_the_end_of_each_line(builtin: RuleSet) -> None:
    """What only holds where a text ends is asked line by line."""
    rule: Rule = replace(next(one for one in builtin.rules if one.scope == "span"), patterns=(r"\A(?P<cut>tide)\z",))
    assert [1, 2] == [hit.line for hit in Matcher(RuleSet((rule,))).spans(["high tide", "tide", "tide"])]


def test_rules_that_are_asked_seldom_answer_the_same(builtin: RuleSet) -> None:
    """A rule asked about one line finds in it what it finds among all rules."""
    seldom = frozenset(
        number for number, rule in enumerate(builtin.rules) if rule.detector in ("after-sign-off", "fused-credit")
    )
    lines = _lines_of(RuleSet(tuple(builtin.rules[number] for number in sorted(seldom))))
    matcher = Matcher(builtin, seldom)
    every = matcher.lines(lines)
    assert every == Matcher(builtin).lines(lines)
    assert [hit for hit in every if hit.rule not in seldom] == matcher.match(lines)[0]
    asked = [(line, number) for line in range(len(lines)) for number in sorted(seldom) if matcher.fits(number, lines[line])]
    assert asked == [(hit.line, hit.rule) for hit in every if hit.rule in seldom]
    assert re.search("fused|sign-off", " ".join(builtin.rules[number].id for _, number in asked))


_TOKENS = st.lists(st.sampled_from(["a", "b", " ", "quay", "€"]), max_size=30)


@settings(deadline=None)
@given(_TOKENS, _TOKENS, st.booleans())
def test_tokens_are_aligned_as_difflib_aligns_them(old: list[str], new: list[str], close: bool) -> None:
    """The same stretches, whether the lists have much in common or little."""
    if close:
        new = [*old[: len(old) // 2], *new[:3], *old[len(old) // 2 + 2 :]]
    expected = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    assert opcodes(old, new) == [(tag == "equal", *places) for tag, *places in expected]


_ANNOUNCED = ["below", "FOLLOWİNG", "sıguientes", "foLLowing", "parallax", "Nıże", "ниже", "以下", " ", ".", "as "]


@settings(deadline=None)
@given(st.lists(st.sampled_from(_ANNOUNCED)))
def test_what_re2_passes_over_announces_no_list(pieces: list[str]) -> None:
    """A dotted and a dotless i are an i to Python, case ignored, and not to RE2."""
    text = "".join(pieces)
    assert tables._announces(text) == (tables._ANNOUNCES.search(text) is not None)


_SHAPED = st.lists(
    st.sampled_from(
        ["Correction", "訂正", ":", "：", "Q", ".", "A:", "*", "_", "[", "2", "٣", "²", "]", "Dear", "Ada", ",", "!",
         " ", "\u00a0", "\x1f", "ab"]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@settings(max_examples=400)
@given(_SHAPED)
def test_shapes_of_lines_hold_the_signs_they_are_tried_for(line: str) -> None:
    """What is asked before a pattern of `table_lines` is true of each line that it matches, and blanks around do not matter."""
    text = line.strip()
    for shape in (tables._ADDRESS, tables._REFERENCE, tables._SPEAKER, tables._SALUTATION, tables._NOTE):
        assert bool(shape.match(line)) == bool(shape.match(text))
    assert not tables._CORRECTION.match(line) or ":" in line or "：" in line
    assert not tables._REFERENCE.match(text) or text[0] == "["
    assert not tables._SPEAKER.match(text) or "." in text[:4] or ":" in text[:4]
    assert not tables._SALUTATION.match(text) or text.endswith((",", "!"))
    assert not tables._NOTE.match(text) or text[0] == "[" or text[0].isdecimal()


@given(_SHAPED, st.sets(_SHAPED.map(_folded).filter(bool), max_size=3))
def test_a_note_may_begin_with_a_name_where_it_does(line: str, names: set[str]) -> None:
    """The first word of a line never rules out a name that it begins with."""
    start = _folded(line).lstrip("*_ ")
    names = {name for name in names if " " in name and name[0] not in "*_ "}
    assert _may_begin(line, {name.partition(" ")[0] for name in names}) or not any(map(start.startswith, names))


def test_a_line_that_no_paragraph_holds_is_looked_for_again_when_one_changes() -> None:
    """What was known of a quotation is forgotten when a cut inside a line leaves another text there."""
    (rule,) = [one for one in cleaner().rules.rules if one.detector == "pull-quote"]
    quote = "The ferryman counts every boat that comes home."
    rest = " Nobody else in the village remembers when he began, or what he does with the numbers that he writes down."
    text = f"A title\nThe ferryman counts every ADVERTISEMENT boat that comes home.{rest * 2}\n{quote}"
    (one,) = gather([text])
    page = Page(one, list(one.lines), bytearray(len(one.lines)))
    page.inner[1] = ()  # as if the paragraph had lost something
    assert [] == list(pull_quote(page, rule, (), cleaner().matcher))
    assert {2} == page.unquoted
    page.keep(1, page.left[1].replace("ADVERTISEMENT ", ""))
    assert [2] == [cut.line for cut in pull_quote(page, rule, (), cleaner().matcher)]
