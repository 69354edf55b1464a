"""The laws of cleaning, on texts put together at random from prose, residue and hostile characters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpuskit import text as positions
from corpuskit.cleaning import Options, clean, clean_batch
from corpuskit.cleaning.phases import Cleaner, cleaner
from corpuskit.cleaning.repair import repair, repaired
from corpuskit.cleaning.rules.rule import RuleSet

LINES = (
    "The ferry left at seven, and the quay was empty again before the gulls had settled.",
    ("She counted the lamps along the harbour, as she did every night, and every "
    "night there was one lamp fewer than the night before, until nobody could say how many there had been."),
    "“Are you coming?” he asked.",
    "– No.",
    "Advertisement",
    "Article continues after ad",
    "By Mara Voss",
    "Photo: Lena Fox / Acme",
    "Subscribe to our newsletter",
    "Related stories",
    "How to mend a net in an hour",
    "Share on Facebook",
    "Comments",
    "Leave a comment",
    "Mara Voss is a writer who lives in Oslo.",
    "xx M.V.",
    "You made my day!",
    "A still from the harbour filmAcme",
    "Ã¼ber Ã¶de WÃ¤lder â€œschÃ¶nâ€\x9d",
    "AT&amp;T &lt;b&gt; &nbsp;",
    "Anzeige",
    "Lesen Sie auch",
    "広告",
    "その夜、灯りは一つも点かなかった。",
    "اشترك في النشرة البريدية",
    "\x00\x07\x1b[31m\ufeff",
    "İstanbul'da ışık ΣΊΣΥΦΟΣ ǅ ﬁ ① Ａ",
    "a\u2028b\x85c\x0cd\re",
    "   ",
    "",
    "🙂👩‍👩‍👧",
)

documents = st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=24).flatmap(
    lambda lines: st.sampled_from(["\n", "\n\n", "\r\n"]).map(lambda gap: gap.join(lines))
)
slow = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(documents)
def test_the_account_adds_up(raw: str) -> None:
    """Law 1: text and ledger give each other back, for any text."""
    done = clean(raw)
    assert positions.apply(raw, done.ledger) == done.text
    assert positions.restore(done.text, done.ledger) == raw


@slow
@given(documents)
def test_edits_are_sorted_disjoint_and_never_empty(raw: str) -> None:
    """Law 2, first half; and every edit says why, with a confidence on the right side of the dial."""
    done = clean(raw)
    assert all(one.end <= two.start for one, two in zip(done.ledger, done.ledger[1:], strict=False))
    assert all(edit.start < edit.end and edit.evidence for edit in done.ledger)
    assert all(edit.confidence >= Options().least for edit in done.ledger)
    for candidate in done.candidates:
        assert 0 <= candidate.start < candidate.end <= len(raw)


@slow
@given(documents)
def test_the_order_of_rules_does_not_matter(raw: str) -> None:
    """Law 2, second half: a rule set read backwards makes the same ledger."""
    forward = cleaner(Options())
    backward = Cleaner(RuleSet(tuple(reversed(forward.rules.rules))), forward.options, forward.model)
    assert backward.clean([raw]) == forward.clean([raw])


@slow
@given(st.lists(documents, max_size=4))
def test_documents_of_a_batch_do_not_see_each_other(raws: list[str]) -> None:
    """Law 6: a document is cleaned alone as it is in company."""
    assert clean_batch(raws) == [clean(raw) for raw in raws]


@slow
@given(documents)
def test_a_stricter_dial_never_cuts_what_a_looser_one_keeps_whole(raw: str) -> None:
    """Turning the dial towards careful leaves at least as many characters."""
    careful, thorough = (clean(raw, replace(Options(), threshold=dial)) for dial in ("careful", "thorough"))
    assert len(careful.text) >= len(thorough.text)


def test_cleaning_the_output_finds_next_to_nothing(repository: Path) -> None:
    """Cleaned as if they were new documents, at least 96 of 100 texts of the gold set stay as they are.

    The design asks for 99.5 % on real articles; these texts are short and dense with residue and traps.
    """
    rows = [
        json.loads(line) for line in (repository / "tests" / "gold" / "corpus.jsonl").read_text("utf-8").splitlines()
    ]
    once = [one.text for one in clean_batch(["\n".join(row["lines"]) for row in rows])]
    twice = [one.text for one in clean_batch(once)]
    changed = [row["id"] for row, a, b in zip(rows, once, twice, strict=True) if a != b]
    assert len(changed) <= 0.04 * len(rows), changed


def test_a_stack_of_labels_comes_to_rest() -> None:
    """Labels of which each heads only the next go one by one, however many there are."""
    raw = "The ferry left at seven, and the quay was empty again.\n" + "Related stories\nComments\nTopics\n" * 12
    assert "Related" not in clean(raw).text


PIECES = ("a", "m@x.org", " ", "\u00c2", "\u00a0", "\u00c3\u00bc", "\u00e2\u20ac\u2122", "&amp;", "\x80",
          "\x1b", "[31m", "\x1b[?25l", "]0;", "\x07", "\r")  # fmt: skip


SEQUENCES = ("\x1b[31m", "\x1b[0m", "\x1b[38;5;196m", "\x1b[?25l", "\x1b[2 q", "\x1b[K", "\x1b]0;quay: ls\x07",
             "\x1b]8;;https://quay.example/\x1b\\", "\x1b]104\x07", "\x1b(B\x1b[m")  # fmt: skip


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_escape_sequences_go_whole(sequence: str) -> None:
    """No part of a terminal's escape sequence stays, nothing beside it goes, and the ledger says what it was."""
    raw = f"The lamp was {sequence}red caf\u00c3\u00a9{sequence}, he said.\n"
    edits = repair(raw)
    assert positions.apply(raw, edits) == repaired(raw) == "The lamp was red caf\u00e9, he said.\n"
    assert positions.restore(repaired(raw), edits) == raw
    assert "".join(edit.removed for edit in edits if edit.rule == "encoding.any.escape") == 2 * sequence
    assert [edit.removed for edit in edits if edit.rule != "encoding.any.escape"] == ["\u00c3\u00a9"]


@pytest.mark.parametrize("text", ["[31m", "a [0m b", "]0;quay", "\x1b[31", "\x1b]0;no end", "\x1b and", "\x1b7"])
def test_what_is_no_escape_sequence_stays(text: str) -> None:
    """Without ESC, or without an end, only what shows nothing goes."""
    assert repaired(text) == text.replace("\x1b", "")


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
@example(["m@x.org", "\u00c2", "\u00a0", "\u00c2", "\u00a0", "m@x.org"])
@example(["m@x.org", "\u00c2", " ", "\u00c2", " ", "m@x.org"])
def test_repairs_are_accounted_for(parts: list[str]) -> None:
    """The ledger of repairs turns a text into what it reads, also where words come apart or together."""
    raw = "".join(parts)
    edits = repair(raw)
    assert repaired(raw) == positions.apply(raw, edits)
    assert raw == positions.restore(repaired(raw), edits)
