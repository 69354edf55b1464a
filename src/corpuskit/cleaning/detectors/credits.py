"""Credits glued to the word before them: "A still from the ending of Night TrainAcme Pictures"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.page import Cut
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["fused_credit", "with_seams"]

_GLUED = later(r"([^\W\d_]*[^\W\d_A-Z])([A-Z][^\W\d_]{2,}(?:[ /&.-]{1,3}[A-Z][\w.]*){0,4})$")
_SEAM = later(r"[^\W\d_A-Z][A-Z][^\W\d_]{2}")  # what `_GLUED` cannot do without
_MOST_CHARS = 160


def fused_credit(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A caption that stands alone, has no final punctuation, and ends in a word with a capitalised name glued on.

    `lines` read like captions ("A still from …"). The glued word must not stand elsewhere in the document as it
    is, or it is a name of its own (DreamWorks, LinkedIn); its first half must be a word of the document.
    """
    for line in lines:
        text = page.left[line].rstrip()
        if not _has_seam(text):
            continue
        glued = _GLUED.search(text[-80:])
        if glued is None:
            continue
        word = glued.group(0).split(" ")[0]
        rest = "\n".join(other for number, other in enumerate(page.facts.lines) if number != line)
        before = text[: len(text) - len(glued.group(0))] + glued.group(1)
        if word in rest or not re.search(rf"(?<!\w){re.escape(glued.group(1))}(?!\w)", rest, re.IGNORECASE):
            continue
        name = (len(before), len(text))
        yield Cut(
            line, rule.id, rule.confidence, f"a caption with {glued.group(2)!r} glued to {glued.group(1)!r}",
            fields=(("image_credit", *name),),
        )  # fmt: skip


def _has_seam(text: str) -> bool:
    """Whether something may be glued to one of the last words of a line that is no paragraph."""
    return len(text) <= _MOST_CHARS and _SEAM.search(text, max(0, len(text) - 80)) is not None


def with_seams(page: Page) -> list[int]:
    """The lines in which something may be glued to a word; a cut inside a line may have left anything."""
    seams = page.facts.seams
    if 1 not in seams and not page.inner:
        return []
    lines = [line for line in page.facts.filled if page.stands[line] and (seams[line] or line in page.inner)]
    return [line for line in lines if _has_seam(page.left[line].rstrip())]
