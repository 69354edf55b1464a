"""Credits glued to the word before them, "A still from the ending of Night TrainAcme Pictures", and what captions repeat."""

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

__all__ = ["described", "fused_credit", "with_seams"]

_CREDIT = r"[A-Z][^\W\d_]{2,}(?:[ /&.-]{1,3}[A-Z][\w.]*){0,4}$"
_GLUED = later(rf"([^\W\d_]*[^\W\d_A-Z])({_CREDIT})")
_SEAM = later(rf"[^\W\d_A-Z](?={_CREDIT})")  # what `_GLUED` cannot do without, and takes long to find
_MOST_CHARS, _TAIL_CHARS = 160, 80
_DESCRIBED_WORDS, _DESCRIBED_CHARS, _SIGNED_CHARS = 4, 240, 80
#: What a caption has that its description has not: "… que sur celui des flics." and "… que sur celui des flics. PROD"
_SIGNED = later(r"(?:\s*[/©]\s*|\s+)(?:[A-ZÀ-ÞĀ-Ž][\w.'’&-]*[\s/]*){1,6}\.?$")
_TOP = 2  # filled lines: a title, and the title with the name of the site


def fused_credit(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A caption that stands alone, has no final punctuation, and ends in a word with a capitalised name glued on.

    `lines` read like captions ("A still from …"). The glued word must not stand elsewhere in the document as it
    is, or it is a name of its own (DreamWorks, LinkedIn); its first half must be a word of the document.
    """
    for line in lines:
        text = page.left[line].rstrip()
        glued = _glued(text)
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


def described(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """What stands for a picture that cannot be shown, right above its caption, which says the same and whose it is.

    The caption was cut by its own rule, or begins with the same whole sentence and ends in a name.
    """
    facts = page.facts
    for above, below in zip(facts.filled[_TOP:], facts.filled[_TOP + 1 :], strict=False):
        text = facts.lines[above].strip()
        caption = facts.lines[below].strip()
        if not caption.startswith(text) or not facts.words[above] >= _DESCRIBED_WORDS or len(caption) > _DESCRIBED_CHARS:
            continue
        more = caption[len(text) :]
        known = below in page.taken and page.taken[below].rule.startswith("caption.")
        signed = text.endswith((".", "!", "?")) and _SIGNED.match(more) is not None
        if not (known and len(more) <= _SIGNED_CHARS) and not signed:
            continue
        why = f"describes what {caption[:40]!r} captions"
        yield Cut(above, rule.id, rule.confidence, why)
        if not known:
            yield Cut(below, rule.id, rule.confidence, why)


def _glued(text: str) -> re.Match[str] | None:
    """What is glued to a word at the end of a line that is no paragraph."""
    if len(text) > _MOST_CHARS or not _SEAM.search(text, max(0, len(text) - _TAIL_CHARS)):
        return None
    return _GLUED.search(text[-_TAIL_CHARS:])


def with_seams(page: Page) -> list[int]:
    """The lines that end in something glued to a word; a cut inside a line may have left anything."""
    seams = page.facts.seams
    if 1 not in seams and not page.inner:
        return []
    lines = [line for line in page.facts.filled if page.stands[line] and (seams[line] or line in page.inner)]
    return [line for line in lines if _glued(page.left[line].rstrip())]
