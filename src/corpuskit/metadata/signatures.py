"""Signs of authorship for texts that no byline, biography or sign-off in its usual place gives away.

Asked only where nothing else was found, since each of them points to the author of a text without one and to somebody
else in a text that has one: a byline amid captions, a box with a portrait above the questions of readers, a link to
what else its bearer wrote, a first line that tells who writes. Each must point to one person only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from corpuskit.metadata.biographies import confirms, sign_offs
from corpuskit.metadata.hints import look
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names
from corpuskit.metadata.names import is_name, is_organisation, known, proper_case
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Byline, Person
from corpuskit.patterns import later

__all__ = ["signatures", "without_employers"]

_LONGEST = 100  # characters of a line that does nothing but name somebody
_LETTER = 0.7  # confidence of a sign-off with words of farewell, and not a dash alone
_CREW = 6  # people who sign one text, at most

#: "Read more posts by Jane Doe", "See all of Jane Doe's reviews", "Alle Artikel von …".
_LINK = later(
    r"(?:read|see|view|show|find|browse|explore|learn|discover|more|all|alle|mehr|weitere|zeige|voir|lire|tous|toutes|"
    r"plus|ver|leer|todos|todas|más|mais|leia|vedi|leggi|tutti|altri|bekijk|lees|meer|läs|visa|fler|les|flere|læs|"
    r"zobacz|wszystkie|więcej|czytaj|více|všechny|lue|lisää|toate|tüm|lihat|больше|все|більше|всі|όλα)\b",
    re.IGNORECASE,
)
_LINKED = later(
    r"(?:\b(?i:by|from|von|vom|de|par|por|di|da|van|door|av|af|od|autora|från|автора)\s)"
    r"(?P<name>(?:Dr\.?\s|Prof\.?\s)?[^\W\d_a-z][^\d:;!?|()»›>→]{3,50}?)[\s»›>→.]{0,4}$"
)
_OWNED = later(r"\ball\s(?:of\s)?(?P<name>[^\W\d_a-z][^\d:;!?|()]{3,50}?)[’']s?\s[a-z]{4,12}[\s»›>→.]{0,4}$")
_FOLLOW = later(
    r"(?i:follow|folgen sie|folge|suivez|sigue a|segui|volg|siga)\s(?P<name>[^\d:;!?|()@]{4,70}?)\s(?:on|auf|sur|en|su|op|no)\s"
    r"(?:X|Twitter|Instagram|Facebook|Bluesky|Mastodon|Threads|LinkedIn|TikTok|YouTube)\b"
)
_BOARD = later(
    r"(?:The\s)?(?P<name>(?:[A-ZÀ-Þ][\w.’'&-]{0,20}\s){1,4}(?:Editorial\sBoard|Editors))\s(?:consists|is|are|includes|comprises|represents?)\b"
)
_ADDRESSED = later(r"^(?:Dr|Prof|Mr|Mrs|Ms)\.?\s")
_DOTS = later(r"^(?:[-–—~]{1,3}|(?:\.\s?){3}|…)\s?(?=[^\W\d_a-z])")
_BARS = later(r"\s*[|·•/&;]\s*|\s*,\s*(?=[^\W\d_a-z])")
#: What stands behind the names of scholars: degrees in capitals, marks of footnotes.
_DEGREE = later(r",?\s(?:[A-Z][A-Za-z]{0,2}\.?){0,1}[A-Z]{2,6}[A-Za-z.]{0,3}(?=[\s,;&()]|$)(?:\s\([^()]{2,40}\))?")
_MARKS = later(r"(?<=[^\W\d_])\s?(?:\d{1,2}|[*†‡§])(?:\s?,\s?(?:\d{1,2}|[*†‡§]))*(?=\s*(?:[,;&]|and\s|$))")

_PLACE = r"(?:[\u4e00-\u9fff\u30a1-\u30fc]{1,8}・|[\u30a1-\u30fc]{2,8})?"
_HAN_NAME = r"[\u4e00-\u9fff々]{2,3}\s?[\u4e00-\u9fff々\u3041-\u3096]{1,3}"
#: 【東京・山田太郎】, （山田太郎、鈴木花子） behind the last sentence of a Japanese report.
_JAPANESE = later(rf"[。」』]\s?[【（(](?P<names>{_PLACE}{_HAN_NAME}(?:[、,]\s?{_PLACE}{_HAN_NAME}){{0,4}})[】）)]$")
_KANA = later("[\u3041-\u3096]")
#: What else stands in such brackets: agencies, "to be continued", "titles omitted".
_BRACKETED = later("共同|時事|通信|新聞|報道|敬称|下略|後略|続く|続き|完$|社$|部$|局$|会$|班$|写真|撮影|資料|参照|注$|訳$")
#: （记者张三、李四）, (本報記者 王小明): the reporters of a Chinese report, at its head or its end.
_CHINESE = later(
    r"[（(【](?:[\u4e00-\u9fff]{0,6})?(?:记者|記者)[:：\s]{0,2}(?P<names>[\u4e00-\u9fff·]{2,6}(?:[、,，\s]{1,2}[\u4e00-\u9fff·]{2,6}){0,5})"
    r"(?:报道|報導|報道)?[）)】]"
)
#: 홍길동 기자, 홍길동 기자 hong@…: a Korean report ends so.
_KOREAN = later(
    r"(?:^|[.。=\s\]】(])(?P<names>[가-힣]{2,4})\s?(?:선임|수습|인턴|전문)?기자(?=$|[\s=)\]】]\s?(?:[\w.+-]{1,64}@|$))"
)
_WIDE = later("[\u2e80-\U0010ffff]")  # what is not ASCII in most lines is a quotation mark or a dash
_EASTERN = look(r"[【（(].{0,16}[\p{Han}].{0,60}[】）)]$|记者|記者|기자")
_SPLIT = later(r"[、,，]\s?|(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})")


def signatures(page: Layout, body: Sequence[Line], words: Lexicon) -> list[Byline]:
    """Return the authors that a text without bylines names in other ways; `body` are its lines above the comments."""
    for found in (
        _eastern(body),
        _scholars(page, words),
        _opened(body, words),
        _boxed(page, body, words),
        _linked(page, words),
        _signed(body, words),
        _closed(page, body, words),
        _introduced(page, words),
    ):
        several = list(found)
        if several:
            return several if len({one.start for one in several}) == 1 or _one(several) else []
    return []


def without_employers(found: Sequence[Byline]) -> list[Byline]:
    """Return findings with the names alone: "Jane Doe Globe" in a byline where a portrait or a biography has "Jane Doe"."""
    names = {entry.person.name for entry in found if entry.sign in ("bare", "bio") and entry.person.name.count(" ")}
    plain = []
    for entry in found:
        shorter = [name for name in names if entry.person.name.startswith(f"{name} ")]
        plain.append(replace(entry, person=replace(entry.person, name=max(shorter, key=len))) if shorter else entry)
    return plain


def _one(found: Sequence[Byline]) -> bool:
    return len({one.person.name.casefold() for one in found}) == 1


def _person(name: str, words: Lexicon) -> str:
    """`name` as a person's whose given name is known, or ""."""
    bare = _ADDRESSED.sub("", name.strip(" .,–—-"))
    tokens = bare.split()
    if not 2 <= len(tokens) <= 4 or not known(bare) or not is_name(bare, words) or is_organisation(bare, words):
        return ""
    if any(token.lower() in words.stop or token.lower() in words.jobs for token in tokens[1:]):
        return ""
    return proper_case(bare)


def _at(line: Line, name: str, sign: str, confidence: float) -> Byline:
    return Byline(Person(name), sign, line.start, line.end, confidence)


@cache
def _by(words: Lexicon) -> re.Pattern[str]:
    verbs = alternatives(label for label, role in words.roles.items() if role == "author" and label.split()[-1] in words.by)
    return re.compile(rf"(?i:{verbs}|{alternatives(words.by)})\s{{1,3}}(?=[^\W\d_a-z])")


def _opened(body: Sequence[Line], words: Lexicon) -> Iterator[Byline]:
    """A byline further down, amid captions and teasers: "By JANE DOE", "Written by Jane Doe, Contributing Writer"."""
    for line in body[1:]:
        opened = _by(words).match(line.text) if len(line.text) <= _LONGEST else None
        if not opened:
            continue
        rest = line.text[opened.end() :]
        crew = people(f"by {rest}", words)
        left = {token.strip(",.|&").lower() for token in rest.split()}
        left -= {"", *(token.lower() for one in crew for token in one.name.split())}
        plain = (words.jobs, words.modifiers, words.conjunctions)
        left = {token for token in left if not any(token in some for some in plain)}
        named = [_person(one.name, words) for one in crew]
        if 1 <= len(named) <= _CREW and all(named) and not left:
            yield from (_at(line, name, "byline", 0.75) for name in named)


def _boxed(page: Layout, body: Sequence[Line], words: Lexicon) -> Iterator[Byline]:
    """A name on a line of its own and below it, perhaps under a job title, what tells of its bearer.

    "Jane Doe" / "Jane Doe is a writer who …", "Jane D" / "Copywriter" / "Jane loves …".
    """
    for at, line in enumerate(body[:-1]):
        if len(line.text) > 60 or at < page.first:
            continue
        name = line.text.strip(" •|*")
        tokens = name.split()
        short = len(tokens) == 2 and tokens[0].lower() in given_names() and len(tokens[1].strip(".")) == 1
        if not (short and name[0].isupper()) and not _person(name, words):
            continue
        titled = at + 2 < len(body) and len(body[at + 1].text.split()) <= 8 and confirms(body[at + 1].text, words)
        below = body[at + 2 if titled else at + 1].text
        whole = below.startswith(name)
        rest = below.removeprefix(name if whole else tokens[0]).split()
        if rest == below.split() or len(rest) < 5 or rest[0] not in words.verbs or not (whole or titled):
            continue
        said = {token.strip(".,").lower() for token in rest[:30]}
        told = not (said.isdisjoint(words.bio) and said.isdisjoint(words.jobs))
        if (titled or told) and (short or not _spoken_of(name, page)):
            yield _at(line, proper_case(name), "bio", 0.75)


def _linked(page: Layout, words: Lexicon) -> Iterator[Byline]:
    """Links to what else one person wrote, and where to follow them."""
    for line in page.lines[max(page.first, 0) :]:
        if len(line.text) > _LONGEST:
            continue
        linked = bool(_LINK.match(line.text)) and (_LINKED.search(line.text) or _OWNED.search(line.text))
        match = linked or _FOLLOW.match(line.text)
        if not match:
            continue
        crew = people(f"by {match['name']}", words)
        name = _person(crew[0].name, words) if len(crew) == 1 else ""
        if name and not _spoken_of(name, page):
            yield _at(line, name, "bio", 0.7)


def _signed(body: Sequence[Line], words: Lexicon) -> Iterator[Byline]:
    """Names behind a dash or dots at the end: "— Jane Doe, Bo Li and Al Poe", ". . . Jane Doe"."""
    for line in body[-4:]:
        opened = _DOTS.match(line.text) if len(line.text) <= 120 else None
        if not opened or "@" in line.text or any(map(str.isdigit, line.text)):
            continue
        rest = line.text[opened.end() :]
        crew = [_person(one.name, words) for one in people(f"by {rest}", words)]
        said = sum(len(name.split()) for name in crew)
        if crew and all(crew) and said + rest.count(" and ") + rest.count(" und ") >= len(rest.split()):
            yield from (_at(line, name, "sign-off", 0.65) for name in crew)


def _closed(page: Layout, body: Sequence[Line], words: Lexicon) -> Iterator[Byline]:
    """A letter's close amid captions ("Yours, Jane"), and a board that says who it is."""
    below = [line for line in body[page.first + 1 :] if " " in line.text]  # "Regards" over "Jane" closes a comment
    closed = [one for one in sign_offs(below, words) if one.confidence >= _LETTER]
    yield from (one for one in closed if one.person.name.split()[0].lower() in given_names())  # not "Best RPG"
    for line in below:
        if "Editor" in line.text and (board := _BOARD.match(line.text)):
            yield Byline(Person(board["name"], kind="organisation"), "bio", line.start, line.end, 0.7)


def _introduced(page: Layout, words: Lexicon) -> Iterator[Byline]:
    """A first line that tells who writes: "Jane Doe is a reporter who covers …"."""
    line = page.lines[0] if page.lines else None
    if line is None or not 40 <= len(line.text) <= 600 or len(page.lines) < 4:
        return
    tokens = line.text.split()
    size = next((at for at in range(2, min(5, len(tokens))) if tokens[at] in words.verbs), 0)
    name = _person(" ".join(tokens[:size]), words) if size else ""
    told = {token.strip(".,").lower() for token in tokens[size:40]} & words.bio
    if name and told and not _spoken_of(name, page):
        yield _at(line, name, "bio", 0.65)


def _spoken_of(name: str, page: Layout) -> bool:
    """Whether the article speaks about the bearer of a name: it is about them, or quotes them."""
    surname = re.compile(rf"(?<!\w){re.escape(name.rsplit(maxsplit=1)[-1])}(?!\w)", re.IGNORECASE)
    told = sum(
        bool(surname.search(line.text)) and not line.text.startswith(name)
        for line in page.lines[1 : page.close + 1]
        if len(line.text) > 100
    )
    return told > 0


def _scholars(page: Layout, words: Lexicon) -> Iterator[Byline]:
    """Names under the headline with bars, degrees or marks of footnotes: "Jane Doe | Bo Li", "Jane Doe 1, Bo Li 1,2"."""
    for line in page.lines[1 : min(page.first, 8)]:
        text = line.text
        if len(text) > 400 or text.endswith((".", "?", "!", ":")) or not _BARS.search(text):
            continue
        marked = _MARKS.sub("", text)
        bare = _DEGREE.sub("", marked)
        parts = [part for part in _BARS.split(bare.strip(" ,*")) if part]
        if not 2 <= len(parts) <= 30 or not all(2 <= len(part.split()) <= 4 and is_name(part, words) for part in parts):
            continue
        lasts = [part.split()[-1].lower() for part in parts]
        if any(last in words.stop or last in words.jobs for last in lasts) or any(is_organisation(one, words) for one in parts):
            continue
        heard = sum(known(part) for part in parts)
        shared = _MARKS.findall(text)  # of one institute: "Jane Doe 1, Bo Li 1,2"; the items of a list have none in common
        grouped = len(parts) > 2 and len(set(shared)) < len(shared) >= len(parts)
        if heard == len(parts) or (bare != text and 4 * heard >= len(parts)) or grouped:
            yield from (_at(line, proper_case(part), "dated", 0.75) for part in parts)
            return


def _eastern(body: Sequence[Line]) -> Iterator[Byline]:
    """Reporters in brackets behind the last sentence, or before the first, of a text written without spaces."""
    for at, line in enumerate(body):
        sought = line.text[-120:] if at > 2 else line.text
        if sought.isascii() or not _WIDE.search(sought) or not _EASTERN(sought):
            continue
        late = line.text[-80:]
        match = _CHINESE.search(late) or _KOREAN.search(late)
        match = match or (_CHINESE.search(line.text[:80]) if at <= 3 else None)
        if not match and _KANA.search(line.text):
            match = _JAPANESE.search(late)
        if not match:
            continue
        names = [re.sub(f"^{_PLACE}", "", part.strip()) for part in _SPLIT.split(match["names"])]
        if all(2 <= len(name) <= 8 and not _BRACKETED.search(name) for name in names):
            yield from (_at(line, name, "byline", 0.75) for name in names)
            return
