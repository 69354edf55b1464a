"""Biographies and sign-offs: the end of a text that tells who wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, given_names
from corpuskit.metadata.names import is_name, is_organisation, second
from corpuskit.metadata.record import Byline, Person
from corpuskit.patterns import later

__all__ = ["biographies", "biography_of", "confirms", "sign_offs"]

_CHECKED = 50  # biographies looked for in the rest of a text: a list of speakers is no list of authors
_SIGN_OFF = later(
    r"(?:x{1,4}o?x?o?|love|yours|best|cheers|sincerely|warmly|regards|until next time|herzlich|liebe grüße|"
    r"viele grüße|gruß|grüße"
    r"|eure?|ihr|saludos|un abrazo|à bientôt|bises|con affetto|tot snel|abraços|ваш|"
    r"ваша)\s?[,!.–—-]{0,2}\s{1,3}(?P<name>[^\W\d_][^,;:!?()]{0,40})",
    re.IGNORECASE,
)
_DASH = later(r"[-–—~]{1,3}\s?(?P<name>[^\W\d_][^,;:!?()\d]{1,40})")
_INITIALS = later(r"[A-Z]\.\s?[A-Z]\.?(?:\s?[A-Z]\.?)?|[A-Z]{2,3}")
_REACHED = later(
    r"(?P<name>[A-ZÀ-Þ][\w.'’-]{0,30}(?:\s[A-ZÀ-Þ][\w.'’-]{0,30}){1,3})\s(?:(?:can|may) be (?:reached|"
    r"contacted) (?:at|via|on)|ist erreichbar unter)\b"
)
#: "Jane Doe, a fellow at the institute, added: “…": an expert whom the article quotes.
_QUOTED = later(
    r"(?:said|says|added|adds|told|sagt|sagte|erklärt|erklärte|dit|dice|dijo|ha detto)\b.{0,40}[“\"„«]"
)
#: "Hi Jenna, thanks for …": a reader's comment.
_SALUTED = later(
    r"(?:hi|hello|hey|hallo|liebe[rs]?|dear|bonjour|salut|hola|ciao|hei|hej|cześć|привет)\s[^\W\d_]{2,20}(?:[\s,!.]|$)",
    re.IGNORECASE,
)
#: "My name is Jane Doe", "Hi, I'm Jane", "For the radio news, I'm Jane Doe in Austin".
_I_AM = later(
    r"(?i:my name is|i[’']m|i am|ich bin|mein name ist|ich heiße|je m[’']appelle|je suis|me llamo|soy|mi chiamo|"
    r"mijn naam is|ik ben|jag heter|jeg heter|nazywam się|jmenuji se|меня зовут|мене звати)\s"
    r"(?:(?:Dr|Prof)\.\s)?(?P<name>[^\W\d_][\w’'-]{1,20}(?:\s[A-ZÀ-Þ][\w’'-]{1,20}){0,2})(?=[\s,.!]|$)"
)
#: "Jane Doe (she/her)": what stands behind a name in parentheses.
_BEHIND = later(r"^([^(]{4,50})\s\([^()]{1,60}\)")
_CLOSING = later(
    r"(?:love|yours|best|cheers|sincerely|warmly|regards|best wishes|kind regards|yours truly|herzlichst|"
    r"viele grüße|liebe grüße)\s?[,!.]?",
    re.IGNORECASE,
)

_INTRODUCED = hint(lambda _: _I_AM.pattern)
_REACHABLE = hint(lambda _: _REACHED.pattern)
_ENDING = hint(
    lambda _: rf"(?i:{_SIGN_OFF.pattern}|{_DASH.pattern}|{_SALUTED.pattern}|{_CLOSING.pattern})", "start"
)


def confirms(text: str, words: Lexicon) -> bool:
    """Whether a line stands beside bylines: a date, a job title, a reading time, a handle."""
    if len(text) > 120:
        # A portrait that opens with the title: "Executive Editor at … Writes about …".
        opening = [token.strip(",.").lower() for token in text.split()[:8]]
        titled = any(token in words.jobs for token in opening[:3])
        # "Award-winning Oslo wedding photographer capturing …"
        trained = any(token in words.jobs for token in opening) and not any(token in words.verbs for token in opening)
        return text[:1].isupper() and (titled or (trained and opening[0] not in words.stop))
    tokens = [token.strip(".,:|").lower().removeprefix("co-") for token in text.split()]
    if (
        tokens
        and any(token in words.jobs or token.endswith(_long_jobs(words)) for token in tokens[:5])
        and len(tokens) <= (20 if any(token in words.jobs for token in tokens[:3]) else 14)
        and not text.endswith(("?", "!"))
    ):
        return sum(token in words.verbs for token in tokens) == 0 and text[:1].isupper()
    if len(tokens) <= 8 and (written(text, words) or (clock(text) and len(tokens) <= 4)):
        return True
    if (
        len(tokens) <= 4
        and any(token.isdigit() for token in tokens)
        and any(token in words.reading for token in tokens)
    ):
        return True
    low = text.strip(" :").lower()
    return text.startswith("@") or low in words.by or low in words.about


@cache
def _long_jobs(words: Lexicon) -> tuple[str, ...]:
    """Job titles that close compounds: "Bundesvorsitzender", "sportredaktör"."""
    return tuple(sorted(job for job in words.jobs if len(job) >= 7))


def biography_of(text: str, name: str, words: Lexicon) -> bool:
    """Whether `text` tells of the life of `name`: it opens with the name or the given name and says what they do."""
    tokens = text.split()
    if len(tokens) < 5 or tokens[0] != name.split(maxsplit=1)[0]:
        return False
    rest = tokens[len(name.split()) :] if text.startswith(name) else tokens[1:]
    if not rest or not (rest[0] in words.verbs or text.startswith((f"{name},", f"{name} ("))):
        return False
    return _told(rest[:30], words)


def _told(tokens: Sequence[str], words: Lexicon) -> bool:
    """Whether a few words name what authors are: a writer, an editor, a professor of law."""
    plain = {part for token in tokens for part in re.split(r"[,;/.]", token.lower())}
    return not (plain.isdisjoint(words.bio) and plain.isdisjoint(words.jobs))


def biographies(page: Layout, foot: Sequence[Line], words: Lexicon) -> list[Byline]:
    """Lines that open with a name and tell who bears it, where the name stands nowhere else in the article."""
    found = _introduced(page, foot, words)
    ends = {line.start for line in foot}
    checked = 0
    for at, line in enumerate(page.lines):
        if not 20 <= len(line.text) <= 1500 or (at < 3 and len(page.lines) > 8):
            continue
        first = line.text.lstrip('•*–- "“')
        if not first[:1].isupper():
            continue
        low = line.start in ends
        if low and line.hints & _REACHABLE:
            for match in _REACHED.finditer(first[:600]):
                name = re.sub(r"^(?:Staff|Reporter|Writer|Correspondent|Columnist)\s", "", match["name"])
                if is_name(name, words) and not is_organisation(name, words):
                    found.append(Byline(Person(name), "bio", line.start, line.end, 0.8))
        opening = first.split(maxsplit=2)
        if len(opening) < 3 or not (second(opening[1]) or opening[0].lower() in words.jobs):
            continue
        tokens = _undoubled((_BEHIND.sub(r"\1", first) if "(" in first[:60] else first).split())
        name = _subject(tokens, words)
        if not name or not is_name(name, words) or _QUOTED.search(first[:400]):
            continue
        told = {token.strip(".") for token in re.split(r"[\s,;/]+", first.lower())[:60]} & words.bio
        needed = 3
        if low or at + 2 >= len(page.lines):
            needed = 1 if _told(first.split()[:20], words) else 2
        if (len(told) < needed and not (low and needed == 1)) or checked >= _CHECKED:
            continue
        checked += 1
        others = "\n".join(
            other.text
            for other in page.lines[min(page.first + 1, 4) :]
            if other.start != line.start and len(other.text) > 60 and not other.text.startswith(name)
        )
        surname = name.split()[-1]
        # Someone whom the article speaks about is not its author; a pen name may be mentioned by its given
        # name.
        if re.search(rf"(?<!\w){re.escape(surname)}(?!\w)", others):
            continue
        found.append(Byline(Person(name), "bio", line.start, line.end, 0.8 if len(told) > 1 else 0.65))
    return found


def _introduced(page: Layout, foot: Sequence[Line], words: Lexicon) -> list[Byline]:
    """Authors who introduce themselves at the foot: "About the author" and "Hi, my name is Jane"."""
    found = []
    for at, line in enumerate(foot):
        match = _I_AM.search(line.text[:120]) if line.hints & _INTRODUCED else None
        if not match or line.start <= page.lines[min(page.first, len(page.lines) - 1)].start:
            continue
        name = match["name"]
        headed = bool(at) and (
            foot[at - 1].text.strip(" :").lower() in words.about or foot[at - 1].text.split()[0] == name.split()[0]
        )
        aired = " " in name and len(line.text) <= 80 and match.start() > 3
        given = name.split()[0].lower() in given_names()
        if (headed or aired) and given and name[0].isupper() and is_name(name, words, most=3):
            found.append(Byline(Person(name), "bio", line.start, line.end, 0.7))
    return found[:1]


def _undoubled(tokens: list[str]) -> list[str]:
    """ "Eric Berger Eric Berger is …": a name that stands twice, once as the alternative text of a portrait."""
    for size in (2, 3, 4):
        if len(tokens) > 2 * size and tokens[:size] == tokens[size : 2 * size]:
            return tokens[size:]
    return tokens


def _subject(tokens: list[str], words: Lexicon) -> str:
    """The name at the head of a sentence, up to its verb or comma: "Jane Doe is …", "Jane Doe, a writer …"."""
    while len(tokens) > 3 and tokens[0].lower() in words.jobs and tokens[0].lower() not in given_names():
        tokens = tokens[1:]
    for at in range(1, min(6, len(tokens) - 1)):
        comma = tokens[at - 1].endswith(",")
        if comma or (tokens[at] in words.verbs):
            name = " ".join(tokens[:at]).strip(",")
            if at < 2 or not is_name(name, words) or is_organisation(name, words) or tokens[0].lower() in words.stop:
                return ""
            return name if tokens[0].lower() in given_names() or not comma else ""
    return ""


def sign_offs(foot: Sequence[Line], words: Lexicon) -> list[Byline]:
    """A name that closes a letter: "xx H.C.", "— Jane Doe", "Love," and "Jane" under it."""
    found: list[Byline] = []
    dashes = 0
    if not any(line.hints & _ENDING for line in foot):
        return found
    for at, line in enumerate(foot):
        if _SALUTED.match(line.text):
            break
        if len(line.text) > 60:
            continue
        match = _SIGN_OFF.fullmatch(line.text)
        dash = _DASH.fullmatch(line.text)
        if match:
            name = match["name"].strip()
            initials = bool(_INITIALS.fullmatch(name))
            if initials or (
                is_name(name.strip(" ."), words, most=3)
                and len(name.split()) <= 3
                and name.split()[0].strip(".").lower() in given_names()
                and name[0].isupper()
            ):
                found.append(
                    Byline(Person(name if initials else name.strip(" .")), "sign-off", line.start, line.end, 0.7)
                )
        elif dash:
            name = dash["name"].strip(" .")
            dashes += 1
            if is_name(name, words, most=3) and " " in name and name.split()[0].lower() in given_names():
                found.append(Byline(Person(name), "sign-off", line.start, line.end, 0.6))
        elif at and _CLOSING.fullmatch(foot[at - 1].text) and is_name(line.text, words, most=3):
            found.append(Byline(Person(line.text), "sign-off", line.start, line.end, 0.7))
    found = found if dashes <= 1 else [entry for entry in found if entry.confidence > 0.6]
    return found[:1]  # those that follow close readers' comments
