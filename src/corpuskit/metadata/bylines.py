"""Who wrote a text, found in the text itself: byline, bare name under the headline, biography, sign-off.

Each finding says by which sign it was made. The signs differ in strength: "By Jane Doe" on a line of its own is
plain; a bare name needs a neighbour that confirms it (a date, a job title, a biography that opens with it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names
from corpuskit.metadata.people import is_name, is_organisation, people, proper_case, unglue
from corpuskit.metadata.record import Person

__all__ = ["Byline", "bylines"]

_LONGEST = 160  # characters of a byline


@dataclass(frozen=True, slots=True)
class Byline:
    """A person and the place that names them."""

    person: Person
    sign: str           #: "byline", "dated", "bare", "bio", "sign-off", "about"
    start: int
    end: int
    confidence: float


@lru_cache(maxsize=None)
def _opening(words: Lexicon) -> re.Pattern[str]:
    """A line that opens with a byline word or a label."""
    plain = alternatives(words.by)
    labels = alternatives(words.roles)
    return re.compile(
        rf"[^\w(@]{{0,4}}(?:(?:{plain})(?:\s{{0,2}}:\s{{0,2}}|\s{{1,3}}|(?=[A-ZÀ-Þ]))|(?:{labels})(?:\s{{0,2}}[:|–-]\s{{0,2}}|\s{{1,3}}(?:{plain})\s{{1,3}}|(?<=[nyryfe])\s{{1,3}}(?=[A-ZÀ-Þ])))"
        rf"(?=\S)",
        re.IGNORECASE,
    )


_COMMENTS = re.compile(
    r"^(?:\d{1,5}\s)?(?:comments?|leave a (?:reply|comment)|kommentare?|commentaires?|comentarios?|responses?|replies|"
    r"discussion|trackbacks|reacties|komentarze|komentáře|комментарии|kommentarer)\b.{0,40}$|\bsays:?$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:x{1,4}o?x?o?|love|yours|best|cheers|sincerely|warmly|regards|until next time|thanks for reading|herzlich|liebe grüße|viele grüße"
    r"|eure?|ihr|saludos|un abrazo|à bientôt|bises|con affetto|tot snel|abraços)\s?[,!.–—-]{0,2}\s{1,3}(?P<name>[^\W\d_][^,;:!?()]{0,40})",
    re.IGNORECASE,
)
_DASH = re.compile(r"[-–—~]{1,3}\s?(?P<name>[^\W\d_][^,;:!?()\d]{1,40})")
_INITIALS = re.compile(r"[A-Z]\.\s?[A-Z]\.(?:\s?[A-Z]\.)?|[A-Z]{2,3}")


def bylines(page: Layout, words: Lexicon, head: int, tail: int) -> list[Byline]:
    """Return who the first `head` and last `tail` lines of `page` name as having made the text, strongest sign first."""
    top = list(page.head(head))
    bottom = [line for line in page.tail(tail) if not top or line.start > top[-1].start]
    comments = next((at for at, line in enumerate(bottom) if _COMMENTS.search(line.text)), len(bottom))
    bottom = bottom[:comments]
    found: list[Byline] = []
    found += _opened(top, words, 0.95)
    below = _opened(bottom, words, 0.9)
    names = {entry.person.name for entry in below if entry.person.role == "author"}
    if len({entry.start for entry in below if entry.person.role == "author"}) <= 1 or len(names) == 1:
        found += below  # several bylines at the foot belong to teasers
    found += _dated(top, page, words)
    found += _bare(top, bottom, page, words)
    found += _biographies(bottom, page, words)
    found += _sign_offs(page, words)
    return found


def _opened(block: Sequence[Line], words: Lexicon, confidence: float) -> list[Byline]:
    found = []
    for at, line in enumerate(block):
        if len(line.text) > _LONGEST:
            continue
        opened = _opening(words).match(line.text)
        if opened:
            crew = people(line.text, words)
            if crew and _plausible(line.text[opened.end() :], crew, words):
                found += [Byline(person, "byline", line.start, line.end, confidence) for person in crew]
            continue
        label = line.text.strip(" :•-–|").lower()
        if at + 1 < len(block) and (label in words.by or label in words.roles or label in words.about):
            below = block[at + 1]
            crew = people(below.text, words) if len(below.text) <= 80 else ()
            if crew and _plausible(below.text, crew, words):
                role = words.roles.get(label, "author")
                found += [
                    Byline(replace(person, role=role) if person.role == "author" else person, "byline", below.start, below.end, 0.9)  # type: ignore[arg-type]
                    for person in crew
                ]
    return found


def _plausible(rest: str, crew: Sequence[Person], words: Lexicon) -> bool:
    """Whether what follows the byline word is a byline: the first name opens it, and it is no sentence."""
    first = unglue(rest.lstrip(" :|–-\"“‖")).replace("‖", " ")
    opening = crew[0].name.split()[0].casefold()
    if opening not in " ".join(first.split()[:6]).casefold():
        return False
    small = [token for token in rest.split() if token[:1].islower()]
    return len(small) <= 8 and not (rest.endswith((".", "?", "!")) and len(rest.split()) > 14)


def _dated(block: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    """Lines that hold a name and a date: "Tex Hollywood - December 21, 2023"."""
    found = []
    for at, line in enumerate(block):
        if len(line.text) > 120 or at > page.first + 1:
            continue
        text = unglue(line.text).replace("‖", " ‖ ")
        spans = [(date.start, date.end) for date in written(text, words)] or clock(text) or _relative(text)
        if not spans:
            continue
        rest = text
        for start, end in sorted(spans, reverse=True):
            rest = rest[:start] + " " + rest[end:]
        capitals = [token for token in rest.split() if token[:1].isupper()]
        if not 1 <= len(capitals) <= 8:
            continue
        crew = [person for person in people(line.text, words) if len(person.name.split()) > 1]
        crew = [person for person in crew if _known(person.name) or person.kind == "person" and _has_by(rest, words)]
        found += [Byline(person, "dated", line.start, line.end, 0.85) for person in crew]
    return found


def _relative(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\b\d{1,3}\s?(?:min(?:ute)?s?|hours?|days?|months?)\b(?:\s(?:ago|read))?", text)]


def _has_by(text: str, words: Lexicon) -> bool:
    return any(token.strip(":,‖") in words.by for token in text.split())


def _known(name: str) -> bool:
    tokens = name.split()
    return len(tokens) >= 2 and tokens[0].lower() in given_names()


def _bare(top: Sequence[Line], bottom: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    """Names that stand alone on a line, confirmed by what stands beside or below."""
    found = []
    body = "\n".join(line.text for line in page.lines[page.first : page.last + 1])
    for block in (top, bottom):
        for at, line in enumerate(block):
            if len(line.text) > 60 or (block is top and at > page.first + 1):
                continue
            name = _alone(line.text, words)
            if not name:
                continue
            beside = [block[near] for near in (at - 1, at + 1, at + 2) if 0 <= near < len(block)]
            signs = sum(_confirms(other, name, words) for other in beside[:2]) + 0.5 * sum(
                _confirms(other, name, words) for other in beside[2:]
            )
            signs += any(_biography(other.text, name, words) for other in bottom)
            twice = sum(_alone(other.text, words) == name for other in [*top, *bottom]) > 1
            signs += twice
            if signs >= 1 and name not in body:
                found.append(Byline(Person(proper_case(name)), "bare", line.start, line.end, 0.8 if signs > 1 else 0.7))
    return found


def _alone(text: str, words: Lexicon) -> str:
    """The name that a line consists of, or an empty string."""
    bare = re.sub(r"\s?[@(].{0,40}$", "", text).strip(" •-–|,/")
    tokens = bare.split()
    if not 2 <= len(tokens) <= 4 or not is_name(bare, words) or is_organisation(bare, words):
        return ""
    if any(token.lower() in words.stop or token.lower() in words.jobs for token in tokens[1:]):
        return ""
    return bare if tokens[0].lower() in given_names() else ""


def _confirms(line: Line, name: str, words: Lexicon) -> bool:
    """Whether the line beside a bare name is one that stands beside bylines: a date, a job title, a reading time."""
    text = line.text
    if len(text) > 80:
        return False
    tokens = [token.strip(".,:|").lower() for token in text.split()]
    if tokens and len(tokens) <= 6 and any(token in words.jobs for token in tokens) and not text.endswith((".", "?", "!")):
        return True
    if len(tokens) <= 8 and (written(text, words) or (clock(text) and len(tokens) <= 4)):
        return True
    if len(tokens) <= 4 and any(token.isdigit() for token in tokens) and any(token in words.reading for token in tokens):
        return True
    return text.startswith("@") or text.strip(" :").lower() in words.by | words.about


def _biography(text: str, name: str, words: Lexicon) -> bool:
    """Whether `text` tells about its bearer's life: "Jane Doe is a writer in Leeds"."""
    if not text.startswith(name):
        return False
    rest = text[len(name) :].lower().split()
    return bool(rest) and (rest[0].strip(",") in words.verbs or any(token.strip(".,;") in words.bio for token in rest[:14]))


def _biographies(bottom: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    found = []
    for line in bottom:
        tokens = line.text.split()
        if len(tokens) < 5 or len(line.text) > 1500:
            continue
        name = _subject(tokens, words)
        if not name:
            continue
        rest = " ".join(tokens[len(name.split()) :]).lower()
        about = sum(1 for token in re.split(r"[\s,;]+", rest)[:60] if token.strip(".") in words.bio)
        before = "\n".join(other.text for other in page.lines if other.end < line.start and len(other.text) > 60)
        surname = name.split()[-1]
        if about and surname not in before and name.split()[0] not in before:
            found.append(Byline(Person(name), "bio", line.start, line.end, 0.8 if about > 1 else 0.65))
    return found


def _subject(tokens: list[str], words: Lexicon) -> str:
    """The name at the head of a sentence, up to its verb: "Jane Doe is …"."""
    for at in range(1, min(6, len(tokens) - 1)):
        verb = tokens[at].lower()
        ends = tokens[at - 1].endswith(",")
        if verb in words.verbs and tokens[at][0].islower() or ends:
            name = " ".join(tokens[:at]).strip(",")
            if at >= 2 and is_name(name, words) and tokens[0].lower() not in words.stop and not is_organisation(name, words):
                return name if tokens[0].lower() in given_names() or not ends else ""
            return ""
    return ""


def _sign_offs(page: Layout, words: Lexicon) -> list[Byline]:
    """A name that closes a letter: "xx H.C.", "— Jane Doe"."""
    found = []
    for line in page.lines[-4:]:
        if len(line.text) > 60:
            continue
        match = _SIGN_OFF.fullmatch(line.text)
        dash = _DASH.fullmatch(line.text)
        name = ((match or dash)["name"].strip(" .") if (match or dash) else "")  # type: ignore[index]
        if not name:
            continue
        initials = bool(_INITIALS.fullmatch(name + ".") or _INITIALS.fullmatch(name))
        if initials:
            name = (match or dash)["name"].strip()  # type: ignore[index]
        if match and (initials or (is_name(name, words, most=3) and name.split()[0].lower() in given_names())):
            found.append(Byline(Person(name), "sign-off", line.start, line.end, 0.7))
        elif dash and is_name(name, words, most=3) and _known(name):
            found.append(Byline(Person(name), "sign-off", line.start, line.end, 0.6))
    return found
