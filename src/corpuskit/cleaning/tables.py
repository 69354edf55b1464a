"""Tables that lost their markup, a cell a line, and lists of addresses: what looks like furniture and is data."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from functools import lru_cache
from itertools import pairwise

from corpuskit.cleaning.automata import automaton
from corpuskit.cleaning.facts import Facts
from corpuskit.patterns import later

__all__ = ["announced_lines", "box_lines", "table_lines"]

_NUMBER = later(r"[-+±~≈<>(]*[\d.,:/%°€$£\u2212–-]*\d[\d.,:/%°\u2212–)-]*(?:\s?[^\W\d_]{1,3}\.?)?$")
_ADDRESS = later(r"\s*(?:\[?\d{1,3}[\].)]?\s*)?https?://\S+\s*$")
_REFERENCE = later(r"\s*\[\d{1,3}\]\s+\S")
# "[2] Ford, Martin. 2016." under "... the rise of the robots [2]."; "2 Grüne Energie, 2020" under "... ohne Emissionen.2"
_NOTE = later(r"\s*(?:\[(\d{1,3})\]|(\d{1,2})\b[.)]?)\s+\S")
_CITED = later(r"\[(\d{1,3})\]|[^\W\d_][.,;:!?\"”»)]{0,2}(\d{1,2})(?!\w)")
# "（六）前瞻布局…。", "三、重点任务", "第十二条"; rankings of links have Arabic numerals
_PART = later(
    r"(?:[（(][一二三四五六七八九十]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、．]"
    r"|第[一二三四五六七八九十百]{1,4}[章节節条條款])"
)
_PART_STARTS = frozenset("（(第一二三四五六七八九十")
# "* For more on this view, see the work of …" under "... within public schools*."; a bullet stands before several lines
_STARRED = later(r"\s*(\*{1,3}|[†‡])\s?[^\W_]")
_STAR_CITED = later(r"[^\W_][.,;:!?\"”»)]{0,2}(\*{1,3}|[†‡])(?![\w*])")
# "Q. Can I be buried there?" / "A. In time.": Frage, Réponse, Pregunta, Domanda, Вопрос, Ответ
_SPEAKER = later(r"\s*[*_]{0,2}[QAFRPDВО][.:][*_]{0,2}\s+\S")
# "Correction, May 3: the bridge has eleven arches.", "Oikaisu 4.4.: Lampaita oli 61."
_CORRECTION = later(
    r"\W{0,4}(?:correction|correcci[oó]n|corre[cç][aã]o|correzione|rectificati(?:on|e)|rectificatif|erratum|berichtigung|korrektur"
    r"|richtigstellung|rättelse|rettelse|retting|oikaisu|sprostowanie|oprava|исправление|поправка|виправлення|düzeltme|διόρθωση"
    r"|corectare|helyreigazítás|koreksi)\b[^:]{0,40}:|\W{0,4}(?:訂正|更正|정정|تصحيح|תיקון)[^:：]{0,12}[:：]",
    re.IGNORECASE,
)
# "Cher Monsieur," alone on a line opens a letter, as a name alone would stand below a title
_SALUTATION = later(
    r"\s*(?:dear|my dear|ch[eè]re?s?|mon cher|ma chère|liebe[rs]?|sehr geehrte[rs]?|querid[oa]s?|estimad[oa]s?|car[oaie]"
    r"|gentil[ei]|prezad[oa]s?|beste|geachte|lieve|kær[ea]|kjære|kär[ae]|bästa|hyvä|rakas|drog[ai]|szanown[yai]|mil[ýáí]|vážen[ýáí]|kedves"
    r"|tisztelt|drag[ăi]|stimat[eăi]|sevgili|sayın|дорог(?:ой|ая|ие)|уважаем(?:ый|ая|ые)|шановн(?:ий|а|і)|любий|αγαπητ(?:έ|ή|οί))"
    r" [^,.:!?]{2,60}[,!]\s*$",
    re.IGNORECASE,
)
# "Titel: Das Watt" / "Autor: Jonte Behrends" / "Seiten: 312": the data of what a review is about
_FIELD = later(r"\W*[^\W\d_][\w’' ]{1,24}\s?: ?\S.*[^.!?\s]\s*$")
_DATA_FIELD = later(
    r"\W*(?:titl\w*|titulo|título|titolo|titre|titel|tytuł|pages?|páginas?|pagin\w*|seiten|sider|sidor|stron\w*"
    r"|price|preis|prix|precio|preço|prezzo|prijs|pris|cena|publisher|verlag|éditeur|editorial|editore|editora|uitgever"
    r"|förlag|forlag|wydawnictwo|isbn|cast|running time|runtime|duration|dauer|durée|duración|label|recorded|released?"
    r"|admission|eintritt|serves|when|where|venue|format|länge|erschienen|genre"
    # of a recipe
    r"|(?:prep|cook|cooking|total|baking) time|servings?|yields?|cuisine|calories|difficulty|(?:\w+zeit|portionen|schwierigkeit)"
    r"|temps de (?:préparation|cuisson)|portions|difficulté|tiempo de (?:preparación|cocción)|porciones|raciones|dificultad"
    r"|tempo d[ie] (?:preparazione|cottura|preparo)|porzioni|dosi|difficoltà|porções|rendimento|bereidingstijd|porties"
    r"|tilberedningstid|tillagningstid|porsjoner|portioner|czas przygotowania|porcje)\s?:",
    re.IGNORECASE,
)
# "Written by: Ida Fell" under the title of a song, and again under the next: who made what a list is about
_MAKER = later(
    r"\W*(?:written|lyrics|music|words|composed|directed|performed|produced|sung|illustrated|painted) by ?:\s*\S", re.IGNORECASE
)
_LEAST_MAKERS, _BELOW_MAKER = 3, 4  # such lines, and the lines below one among which a paragraph on the work stands
_LEAST_FIELDS, _LEAST_DATA = 3, 2  # of a box, and of them such as no byline has
_FIELD_WORDS = 12
_STARS = "*†‡"
_LEAST_LISTED = 3    # lines that are an address and nothing else, or begin with "[2] ": the references of a text
_CELL_WORDS = 4      # words of a cell
_CELL_ENDS = (".", "!", "?", "…")  # as none ends
_LEAST_CELLS = 6     # fewer short lines in a row are a list, or the furniture of a page
_LEAST_NUMBERS = 3   # and this many of them must be numbers ("31", "340 g", "1:0")

# "The guides below go into more detail.": words by which a text announces a list, in the languages with rules
_ANNOUNCES = later(
    r"\b(?:below|following|as follows|unten|folgend\w*|nachstehend\w*|ci-dessous|suivant\w*|siguientes?|a continuación"
    r"|seguent[ei]|di seguito|seguintes?|abaixo|onderstaande|hieronder|volgende|nedan|följande|nedenfor|følgende"
    r"|seuraav\w*|poniż\w*|następując\w*|níže|následující\w*|ниже|следующ\w*|нижче|наступн\w*|aşağıda\w*"
    r"|παρακάτω|ακόλουθ\w*|următoare\w*|mai jos|alábbi\w*|következő\w*|berikut)\b"
    r"|以下|如下|下列|次の|아래|다음|التالي|أدناه",
    re.IGNORECASE,
)
_COLONS = (":", "：")
_ENDS = (".", "!", "。", "！", *_COLONS)


def table_lines(facts: Facts) -> frozenset[int]:
    """Return the lines that are cells of a flattened table: runs of short lines, every third of them a number; and
    lines that are nothing but an address, or begin with a number in brackets, with a Chinese numeral or with who asks and
    who answers, where there are several; and notes that a paragraph above cites, corrections, and the salutation of a letter.

    The line model takes such lines for counters and dates of a page.
    """
    found: set[int] = set()
    run: list[int] = []
    lines, words = facts.lines, facts.words
    first = facts.long.find(1)  # below it, those who comment greet, too
    addresses: list[int] = []
    references: list[int] = []
    speakers: list[int] = []
    parts: list[int] = []
    marks: dict[int, tuple[str, ...]] = {}  # of notes: the number in brackets, or alone
    starred: dict[str, list[int]] = {}  # by star or dagger: the lines that begin with it
    for line in facts.filled:
        text = lines[line].strip()
        if words[line] <= _CELL_WORDS and not text.endswith(_CELL_ENDS):
            run.append(line)
        elif run:
            found.update(_cells(facts, run))
            run = []
        # Each shape is only tried at lines that hold a sign which it needs.
        if text[0] == "[":
            if _REFERENCE.match(text):
                references.append(line)
            if mark := _NOTE.match(text):
                marks[line] = mark.groups(default="")
        elif text[0].isdecimal() and (mark := _NOTE.match(text)):
            marks[line] = mark.groups(default="")
        elif text[0] in _PART_STARTS and _PART.match(text):
            parts.append(line)
        elif text[0] in _STARS and (mark := _STARRED.match(text)):
            starred.setdefault(mark.group(1), []).append(line)
        if ":" in text or "：" in text:
            if "://" in text and _ADDRESS.match(text):
                addresses.append(line)
            if _CORRECTION.match(lines[line]):
                found.add(line)
        if "↩" in text[-4:]:
            found.add(line)  # a note, with the way back to where it is cited
        if ("." in text[:4] or ":" in text[:4]) and _SPEAKER.match(text):
            speakers.append(line)
        if line < first and text.endswith((",", "!")) and _SALUTATION.match(text):
            found.add(line)
    found.update(_cells(facts, run), *map(_listed, (addresses, references, speakers, parts)))
    found.update(some[0] for star, some in starred.items() if len(some) == 1 and _is_cited_by(facts, star, some[0]))
    return frozenset(found | _cited(facts, marks)) if marks else frozenset(found)


def box_lines(facts: Facts) -> frozenset[int]:
    """Return the lines of boxes of data, as a review of a book or a record has them, and of the credits under each title of a
    list: who wrote that is no byline.

    On 238 pages and texts there were two such boxes, both of the text.
    """
    found: list[int] = []
    if facts.text.count(":") < _LEAST_FIELDS:
        return frozenset()
    makers = [
        line
        for place, line in enumerate(facts.filled)
        if " by" in facts.lines[line][:20]
        and facts.words[line] <= _FIELD_WORDS
        and _MAKER.match(facts.lines[line])
        and any(facts.long[below] for below in facts.filled[place + 1 : place + 1 + _BELOW_MAKER])
    ]
    if len(makers) >= _LEAST_MAKERS:
        found += makers
    run: list[int] = []
    for line in (*facts.filled, -1):
        if line >= 0 and ":" in facts.lines[line] and facts.words[line] <= _FIELD_WORDS and _FIELD.match(facts.lines[line]):
            run.append(line)
            continue
        if len(run) >= _LEAST_FIELDS and sum(bool(_DATA_FIELD.match(facts.lines[one])) for one in run) >= _LEAST_DATA:
            found += run
        run = []
    return frozenset(found)


def _cells(facts: Facts, run: list[int]) -> list[int]:
    """`run` where it is a table: so many short lines in a row, some of them a number."""
    if len(run) < _LEAST_CELLS:  # most runs: what their lines are is not asked
        return []
    numbers = sum(_NUMBER.match(facts.lines[line].strip()) is not None for line in run)
    return run if numbers >= max(_LEAST_NUMBERS, len(run) // 4) else []


def _listed(lines: list[int]) -> list[int]:
    """`lines` where they are enough to be a list."""
    return lines if len(lines) >= _LEAST_LISTED else []


def _is_cited_by(facts: Facts, star: str, line: int) -> bool:
    """Whether a paragraph above `line` holds the star or dagger with which that line begins."""
    above = [facts.lines[n] for n in facts.filled if n < line and facts.long[n]]
    return any(star in one and star in _STAR_CITED.findall(one) for one in above)


def _cited(facts: Facts, marks: dict[int, tuple[str, ...]]) -> set[int]:
    """Return the lines that begin with a mark by which a paragraph above cites them; `marks` are those lines begin with."""
    found: set[int] = set()
    cited: set[tuple[str, ...]] = set()
    last = max(marks)
    for line in facts.filled:
        if line > last:
            break
        if line in marks and marks[line] in cited:
            found.add(line)
        elif facts.long[line]:
            cited.update(one.groups(default="") for one in _CITED.finditer(facts.lines[line]))
    return found


def announced_lines(facts: Facts, doubtful: Container[int]) -> frozenset[int]:
    """Return the lines of lists that the text announces: what stands between "The guides below go into more detail.", or
    a paragraph that ends in a colon, and the next paragraph. A line that is itself `doubtful` announces nothing.

    The line model takes a list of titles, publishers and "Read more" for links to other articles, and the items of a
    shopping list for a menu.
    """
    lines, long = facts.lines, facts.long
    # What stands right above a paragraph announces nothing: on most pages few lines are left to be looked through.
    heads = [
        line
        for line, below in pairwise(facts.filled)
        if not long[below] and lines[line].rstrip().endswith(_ENDS) and line not in doubtful
    ]
    opening = {line for line in heads if long[line] and lines[line].rstrip().endswith(_COLONS)}
    others = [line for line in heads if line not in opening]
    if others and _may_announce("\n".join([lines[line] for line in others])):
        opening.update(line for line in others if _announces(lines[line].rstrip()))
    if not opening:
        return frozenset()
    found: set[int] = set()
    listing = False
    for line in facts.filled:
        if line in opening:
            listing = True
        elif long[line]:
            listing = False
        elif listing:
            found.add(line)
    return frozenset(found)


def _announces(text: str) -> bool:
    """Whether a line holds words that announce a list. Python's search tries all of them at each letter; hardly a line
    that RE2 lets through, which knows no words of other scripts, has none."""
    return _may_announce(text) and _ANNOUNCES.search(text) is not None


def _may_announce(text: str) -> bool:
    """Whether a text may hold words that announce a list."""
    plain = text.replace("ı", "i").replace("İ", "i")  # which `re` takes for an i, case ignored, and RE2 does not
    return bool(_stems()(plain.encode(errors="replace")))


@lru_cache(maxsize=1)
def _stems() -> Callable[[bytes], list[int] | None]:
    """A test that is true for each text that `_ANNOUNCES` matches, wherever in a word."""
    return automaton([f"(?i:{_ANNOUNCES.pattern})".replace(r"\w*", "").replace(r"\b", "").replace("ı", "i")])
