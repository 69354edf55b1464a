"""Names of the author that stand alone: above the text without a "By", or at the head of a note below it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.facts import HEAD
from corpuskit.cleaning.page import Cut
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["author_note", "lone_name"]

# "Wörterbuch der Windstille" is no name: "der" joins names only after "van" or "von".
_JOIN = "(?:de|da|di|do|dos|das|del|della|du|la|le|el|al|bin|ibn|van|von|ter|ten|af|av|zu)(?: (?:der|den|de|la|las|los))?"
_NAME = later(rf"[^\W\d_a-z][\w.'’-]*(?: (?:{_JOIN} )?[^\W\d_a-z][\w.'’-]*){{1,3}}$")
_NAME_CHARS = 40
_NOTE_LINES = 6      # lines left at the end in which a note about the author stands
_NOTE_WORDS = 90
_SENTENCE_WORDS = 8  # a shorter note ends like a sentence; else it is a heading or a link that names the author
_STOPS = tuple(".!?…。")
_CLOSERS = "\"”»)*_"
_LIKELY = 0.7        # what the line model finds less likely is a title or a heading: "A Mysterious Woman", "Soziale Energie"
_AROUND = frozenset({"dateline", "share", "caption", "template"})  # families that stand below a byline
#: "II. Its Foolish Perversion" heads a part of a sermon: what looks like an initial is a number.
_PART = later(r"[IVX]{2,}\. ")
#: With which a title begins and no name ("The Number Nine", "First Thoughts", "Der Lange Weg", "Zum Stillen Hecht"), or one who
#: speaks in a play ("O HOMEM").
_TITLE_WORDS = frozenset(
    (
        "the", "a", "an", "der", "die", "das", "ein", "eine", "le", "les", "un", "une", "el", "los", "las", "una",
        "il", "lo", "i", "gli", "um", "uma", "o", "os", "as", "het", "een", "den", "det", "ett",
        "at", "in", "on", "first", "second", "last", "final", "my", "our", "your", "some", "more", "new", "old", "two", "three",
        "part", "why", "how", "what", "when", "where", "who", "this", "that", "for", "from", "with",
        "zum", "zur", "am", "im", "vom", "auf", "dans", "sur", "chez", "à", "au", "aux", "en", "na", "no",
    )
)  # fmt: skip


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _given(page: Page) -> set[str]:
    """The names of the authors that came with the document."""
    return {_folded(one.value) for one in page.given if one.field == "author"}


def _notes(page: Page) -> list[int]:
    """Lines below the text in which a note about its author may stand."""
    words = page.facts.words
    left: list[int] = []
    line = len(page.stands)
    while len(left) < _NOTE_LINES and (line := page.before(line)) >= 0:
        left.append(line)
    return [line for line in reversed(left) if 4 <= words[line] <= _NOTE_WORDS]


def lone_name(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of the head that is nothing but a name, when something else says that it is the author's.

    That is the author who came with the document; a note below the text that begins with the same name; or the place
    of a byline, between a short line and a date or the first paragraph, when the text itself never speaks of the name.
    """
    facts = page.facts
    signed = {_folded(one.value) for one in page.candidates if one.field == "author" and " " in one.value.strip()}
    for rank, line in enumerate(facts.filled[:8]):
        if facts.long[line]:
            return
        if not page.stands[line] or not facts.zones[line] & HEAD:
            continue
        text = page.left[line].strip()
        if len(text) > _NAME_CHARS or " " not in text or not _NAME.match(text) or _PART.match(text) or _has_small_words(text):
            continue
        name = _folded(text)
        if name.partition(" ")[0] in _TITLE_WORDS or page.signs_quotation(line):
            continue
        if signed and not any(one in name for one in signed):
            continue  # "Boxing Hefner" above "By: Eric G." is the record, of which the text begins to speak by its name
        why = ""
        if name in _given(page):
            why = "a name alone, and it is the author's who came with the document"
        elif below := [n for n in _notes(page) if n > line and _begins(facts.lines[n], name)]:
            why = f"a name alone, and line {below[0] + 1} tells of the same person"
        elif page.chances and page.chances[line] >= _LIKELY and _in_place(page, rank, line, name):
            why = "a name alone in the place of a byline"
        if why:
            start = len(page.left[line]) - len(page.left[line].lstrip())
            yield Cut(line, rule.id, rule.confidence, why, fields=(("author", start, start + len(text)),))


def _has_small_words(text: str) -> bool:
    """Whether words begin with small letters that `_NAME` does not know: "О музее" is a heading."""
    return any(word[0].islower() and not word[0].isascii() for word in text.split())


def _in_place(page: Page, rank: int, line: int, name: str) -> bool:
    """Whether a byline would stand here, and the text never speaks of the name."""
    facts = page.facts
    after = facts.filled[rank + 1 : rank + 2]
    cut = {page.taken[n].rule.partition(".")[0] for n in after if n in page.taken}
    first = facts.long.find(1)
    others = [n for n in facts.filled if n < first and n != line and page.standing(n)]  # one of them is the title
    below_title = bool(others) and others[0] < line
    if not others or not (cut & _AROUND or (below_title and ("byline" in cut or any(facts.long[n] for n in after)))):
        return False
    return not any(name in _folded(other) for n, other in enumerate(facts.lines) if n != line and n not in page.taken)


def author_note(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A short paragraph at the end that begins with the name of the author, who was named above the text."""
    authors = [one.value for one in (*page.candidates, *page.given) if one.field == "author"]
    names = {name for name in map(_folded, authors) if " " in name} if authors else set()
    if not names:
        return
    filled = page.facts.filled
    middle = filled[len(filled) // 2]
    firsts = {name.partition(" ")[0] for name in names}
    for line in _notes(page):
        if line < middle or not _may_begin(page.left[line], firsts):
            continue
        start = _folded(page.left[line]).lstrip("*_ ")
        name = next((one for one in sorted(names) if start.startswith(one) and len(start) > len(one) + 8), "")
        if name and (start.rstrip(_CLOSERS).endswith(_STOPS) or page.facts.words[line] >= _SENTENCE_WORDS):
            yield Cut(line, rule.id, rule.confidence, f"a note that begins with the author's name, {name!r}")


def _may_begin(line: str, firsts: Container[str]) -> bool:
    """Whether a line may begin with a name of two words or more, the first words of which are `firsts`: a note may be a long
    paragraph."""
    text = line.lstrip("*_ \t")
    return not text or text[0].isspace() or text.split(None, 1)[0].casefold() in firsts


def _begins(line: str, name: str) -> bool:
    return _may_begin(line, (name.partition(" ")[0],)) and _folded(line).lstrip("*_").startswith(name)
