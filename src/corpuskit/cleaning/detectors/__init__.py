"""What a pattern on one line cannot say: functions that look at a line among its neighbours.

A detector gets the page, its rule and the lines that the rule's patterns match, and yields cuts. It never edits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.detectors.comments import (
    after_sign_off,
    below_anchor,
    below_sign_off,
    counted_remarks,
    greetings,
    posts,
    thread,
)
from corpuskit.cleaning.detectors.credits import fused_credit, with_seams
from corpuskit.cleaning.detectors.ends import below_end, closing_note, doubted_tail, likely_below_end
from corpuskit.cleaning.detectors.labels import end_anchor, label_list, label_value, orphan_label, section_label
from corpuskit.cleaning.detectors.names import author_note, lone_name
from corpuskit.cleaning.detectors.repetition import (
    doubled_caption,
    doubled_line,
    page_title,
    pull_quote,
    repeated_line,
    repeated_run,
    repeated_title,
)
from corpuskit.cleaning.detectors.teasers import cut_off

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Cut, Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["DETECTORS", "SELDOM", "Detector"]

Detector = Callable[["Page", "Rule", Sequence[int], "Matcher"], Iterator["Cut"]]

#: By the names that rule files use.
DETECTORS: dict[str, Detector] = {
    "after-sign-off": after_sign_off,
    "author-note": author_note,
    "below-anchor": below_anchor,
    "below-end": below_end,
    "closing-note": closing_note,
    "cut-off": cut_off,
    "end-anchor": end_anchor,
    "fused-credit": fused_credit,
    "label-list": label_list,
    "label-value": label_value,
    "likely-below-end": likely_below_end,
    "doubled-caption": doubled_caption,
    "doubled-line": doubled_line,
    "doubted-tail": doubted_tail,
    "lone-name": lone_name,
    "orphan-label": orphan_label,
    "page-title": page_title,
    "pull-quote": pull_quote,
    "repeated-line": repeated_line,
    "repeated-run": repeated_run,
    "repeated-title": repeated_title,
    "section-label": section_label,
    "thread": thread,
    "posts": posts,
    "greetings": greetings,
    "counted-remarks": counted_remarks,
}

#: Detectors that can take few lines, whatever matches: which ones. Their patterns are only asked about those.
SELDOM: dict[str, Callable[[Page], Sequence[int]]] = {
    "after-sign-off": below_sign_off,
    "fused-credit": with_seams,
}
