"""The account of one document: what was cut and repaired, as edits of the raw text, and whether that may be too much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corpuskit import text as positions
from corpuskit.cleaning.page import WHOLE, Cut, Page, settled
from corpuskit.model import Cleaned, Edit, Status

if TYPE_CHECKING:
    from corpuskit.cleaning.options import Options

__all__ = ["account"]

_BLANK = "blank.any.collapsed"
_BLANK_CONFIDENCE = 0.999
_LETTER = re.compile(r"\w")


def account(
    raw: str, repairs: tuple[Edit, ...], repaired: str, page: Page, suspects: Iterable[Cut], options: Options
) -> Cleaned:
    """Return what is left of a document once it is settled, with the account of the raw text proved.

    `repairs` turn `raw` into `repaired`, which `page` has been read from; `suspects` are the cuts that were not made.
    Raises `LawError` when the account does not add up, which is a defect of corpuskit.
    """
    base = positions.View(raw, repairs, repaired)
    edits = _edits(page, repaired)
    ledger = positions.compose(raw, repairs, edits) if repairs else tuple(edits)
    clean = positions.proved(raw, ledger)
    doubtful = tuple(_lifted(base, page, cut) for cut in settled(suspects))
    candidates = tuple(
        replace(one, start=span[0], end=span[1])
        for one in page.candidates
        for span in (base.lift(one.start, one.end),)
    )
    status, reason = _budget(page, clean, ledger, options)
    return Cleaned(clean, ledger, doubtful, candidates, status, reason)


def _edits(page: Page, text: str) -> list[Edit]:
    """The cuts of `page` as a ledger of the repaired text, which has breaks where the page has blanks (see `wrapping`)."""
    facts = page.facts
    edits: list[Edit] = []
    blanks = page.doubled_blanks() if page.taken else frozenset()
    for line in sorted({*page.taken, *page.inner, *blanks}):
        start, end = facts.span(line)
        inner = page.inner.get(line, ())
        if line in page.taken:
            cut = page.taken[line]
            absorbed = sorted({edit.rule for edit in inner})
            evidence = cut.evidence + (f"; absorbs {', '.join(absorbed)}" if absorbed else "")
            edits.append(Edit(cut.rule, start, end, text[start:end], "", evidence, cut.confidence))
        elif line in blanks:
            why = "a blank line that a cut left doubled"
            edits.append(Edit(_BLANK, start, end, text[start:end], "", why, _BLANK_CONFIDENCE))
        else:
            for edit in inner:
                a, b = edit.start + start, edit.end + start
                edits.append(replace(edit, start=a, end=b, removed=text[a:b]))
    return edits


def _lifted(base: positions.View, page: Page, cut: Cut) -> Edit:
    """A cut that is not made, as an edit of the raw text."""
    start, end = page.facts.span(cut.line)
    if cut.start != WHOLE:
        seen = positions.view(page.facts.lines[cut.line], page.inner.get(cut.line, ()))
        a, b = seen.lift(cut.start, cut.end)
        start, end = start + a, start + b
    start, end = base.lift(start, end)
    return Edit(cut.rule, start, end, base.raw[start:end], "", cut.evidence, cut.confidence)


def _budget(page: Page, clean: str, ledger: Sequence[Edit], options: Options) -> tuple[Status, str]:
    """Return status and reason: held when nothing is left, or when the expected loss passes the budget."""
    if not _LETTER.search(clean):
        return "held", "empty: nothing is left of the text" if ledger else "empty: there is no text"
    facts = page.facts
    expected = sum(facts.words[line] * (1 - cut.confidence) for line, cut in page.taken.items())
    for inner in page.inner.values():
        expected += sum((edit.removed.count(" ") + 1) * (1 - edit.confidence) for edit in inner)
    allowed = max(options.budget_words, options.budget_share * facts.total_words)
    if expected > allowed:
        return "held", f"loss-budget: {expected:.1f} good words may be lost, {allowed:.1f} are allowed"
    return "clean", ""
