"""A byline as people, each with a role: "By JANE DOE and Bo Li, Staff Writer" → Jane Doe, Bo Li.

A byline is cut into segments at separators and conjunctions; what is no name (dates, addresses, job titles,
places, employers) is cut off; what is left must have the shape of a name. Nothing here knows who exists: a list
of given names is one sign among others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names, lexicon
from corpuskit.metadata.record import Person, Role

__all__ = ["AGENCIES", "is_name", "is_organisation", "people", "proper_case", "unglue"]

_LIMIT = 400  # characters: no byline is longer; whatever follows is not read

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BULLETS = " \t\n-–—•·*|>»«~_/\\:;,.…◆●▪►▶✍️"
_ADDRESS = re.compile(r"https?://\S{1,300}|www\.\S{1,300}|\[email\sprotected\]|[\w.+-]{1,64}@[\w-]{1,100}(?:\.[\w-]{1,60}){1,5}|@{1,2}\w{1,40}")
_RELATIVE = re.compile(
    r"\b\d{1,3}\s?(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|stunden?|tagen?|wochen?"
    r"|minuten?|monaten?|jahren?)\b(?:\s(?:ago|read))?|^\d{1,2}[smhdw](?=\s?[A-Z])|\+\s?\d{1,3}\smore\b"
    r"|\b\d{1,6}\s?(?:shares?|views?|comments?|kommentare|likes?)\b",
    re.IGNORECASE,
)
#: Ph.D., M.D., RDN: what follows a name in capitals and is no part of it.
_CREDENTIALS = re.compile(
    r"(?:,\s{0,2}|\s)(?:ph\.?\s?d|m\.?d|d\.?d\.?s|r\.?d\.?n?|r\.?n|l\.?d\.?n?|m\.?s\.?w?|m\.?a|b\.?a|b\.?s\.?c?|m\.?sc|m\.?b\.?a|m\.?p\.?h"
    r"|j\.?d|ll\.?m|esq|c\.?p\.?a|cfp|cfa|psy\.?d|ed\.?d|lcsw|lmft|d\.?o|f\.?n\.?p|cscs|cpt|frs|obe|mbe|cbe|qc|kc|mp|dvm|pharm\.?d)\.?(?=$|[\s,;)])",
    re.IGNORECASE,
)
_HONORIFIC = re.compile(
    r"^(?:(?:dr|prof|mr|mrs|ms|mx|herr|frau|sr|sra|dott|ing|dipl|mag|rev|fr|sir|dame|doktor|professor)\.?\s{1,2}){1,3}"
    r"(?:(?:dr|ing|mag|h\.\s?c|med|phil|rer|nat|jur)\.\s?){0,4}",
    re.IGNORECASE,
)
_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "jnr", "snr"))
_PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le los las el al bin ibn bint ben zu zum zur af av ter ten te "
    "y e i d' der. dello degli dal dalla st st. und ul ur abu mc van't 't op vom ua".split()
)
#: A capital that belongs to the letters before it: McCormick, MacDonald, DeVries, O'Neil, FitzGerald.
_PREFIXES = ("mc", "mac", "de", "di", "du", "la", "le", "van", "von", "fitz", "o", "da", "del", "st", "al", "el", "ver", "vander", "ap", "ter")

AGENCIES = frozenset(
    "reuters dpa afp ap ansa efe apa upi pap ctk čtk tass ria pti ani xinhua kyodo yonhap bloomberg cnn bbc nbc abc cbs "
    "sid epd kna kathpress afx dpa-afx antara lusa belga anp ntb tt ritzau stt interfax ukrinform agerpres mti bta hina tanjug aap cp sda".split()
)
#: "Distributed by", "Powered by": what stands before a "by" that names no author.
_NO_AUTHOR = re.compile(
    r"(?:distributed|powered|website|site|designed|design|hosted|photos?|images?|pictures?|owned|provided|sponsored|theme|"
    r"illustrations?|photographs?|video|music|developed|supported|recommended|published|edited|translated)\s$", re.IGNORECASE
)

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\u3005"
_EAST = re.compile(f"[{_HAN}\u3040-\u30ff\uac00-\ud7af]")
_EAST_PARTS = re.compile(r"[／/|｜、，,；;：:（）()\[\]【】\s・•]+")
_EAST_NAME = re.compile(f"[{_HAN}]{{2,4}}|[\uac00-\ud7af]{{2,4}}|[\u30a0-\u30ff]{{2,12}}(?:・[\u30a0-\u30ff]{{2,12}}){{1,3}}")
_EAST_TAIL = re.compile("(?:综合报道|綜合報導|即時報導|专题报道|报道|報導|報道|特派员|特派員|記者|记者|编辑|編輯|기자|특파원|さん|氏)$")
_EAST_OTHER = re.compile("報$|报$|報社|报社|新聞|新闻|社$|部$|網$|网$|局$|台$|署$|會$|会$|大學|大学|圖|图|写真|사진|뉴스|신문|통신")

_NAME_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’ʼ`´.\-‐‑](?=[^\W\d_])|[\u0300-\u036f])*\.?", re.UNICODE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.\s?-?){1,4}")
_SPLIT = re.compile(r"\s*(?:[|•·;\n\u2028‖/]|(?<=[^\W\d_]{4})\.\s|\s[-–—]+\s|^[-–—]+\s|\s[-–—]+$|,(?=\s*,))\s*")


def unglue(text: str) -> str:
    """Return `text` with a break (``‖``) where a capital follows a small letter: "RiemannBarbara Schneider".

    Extractors drop the space between two page elements. Capitals inside names (McCormick, DeVries) stay.
    """
    out: list[str] = []
    start = 0
    for at in range(1, len(text)):
        if not (text[at].isupper() and text[at - 1].islower()):
            continue
        begin = at
        while begin > start and (text[begin - 1].isalpha()):
            begin -= 1
        head = text[begin:at]
        if head.lower() in _PREFIXES and head[:1].isupper():
            continue
        if len(head) < 2:
            continue
        out.append(text[start:at])
        start = at
    out.append(text[start:])
    return "‖".join(out)


def proper_case(name: str) -> str:
    """Return a name in CAPITALS in the usual case ("RALPH D. O'NEIL-MCKAY" → "Ralph D. O'Neil-McKay"), others as is."""
    letters = [character for character in name if character.isalpha()]
    tokens = name.split()
    if len(letters) < 5 or not all(character.isupper() for character in letters) or len(tokens) < 2:
        return name
    out = []
    for at, token in enumerate(tokens):
        low = token.lower()
        if at and low in _PARTICLES and low not in ("al",) and at < len(tokens) - 1:
            out.append(low)
        elif low.rstrip(".") in ("ii", "iii", "iv") or (len(token) <= 2 and "." not in token and not _vowels(low)):
            out.append(token)  # numerals, and JR, TJ, DJ: initials written as one word
        else:
            out.append(re.sub(r"(^|['’\-.])(\w)", lambda m: m[1] + m[2].upper(), low))
            if out[-1].startswith("Mc") and len(out[-1]) > 4:
                out[-1] = "Mc" + out[-1][2:].capitalize()
    return " ".join(out)


def _vowels(token: str) -> bool:
    return any(character in "aeiouyäöüáéíóúàèìòùâêîôû" for character in token)


def is_organisation(name: str, words: Lexicon) -> bool:
    """Whether the words of `name` are those of an agency, a paper, an institution: "BR24 Redaktion", "AFP"."""
    tokens = [token.strip(".,'’").lower() for token in name.split()]
    if not tokens:
        return False
    if tokens[0] in ("the", "die", "der", "das", "le", "la", "les", "el", "los", "il") and len(tokens) > 1:
        return name[:1].isupper()
    if any(_institutional(token, words) for token in tokens):
        return True
    if len(tokens) == 1:
        bare = name.strip(".")
        return (bare.isupper() and 2 <= len(bare) <= 6 and bare.isalpha()) or bool(
            re.fullmatch(r"[\w-]+\.(?:com|org|net|de|fr|it|es|co\.uk|eu|info|ch|at|nl)", name, re.IGNORECASE)
        )
    return tokens[-1] in ("ag", "gmbh", "inc", "llc", "ltd", "e.v", "sa", "srl", "bv", "plc")


def _institutional(token: str, words: Lexicon) -> bool:
    return any(part in words.organisations or part in AGENCIES for part in token.lower().split("-"))


def is_name(name: str, words: Lexicon, *, most: int = 5) -> bool:
    """Whether `name` has the shape of a person's name: one to `most` words, capitals, initials, particles."""
    tokens = name.split()
    if not 1 <= len(tokens) <= most + 1 or len(name) > 60:
        return False
    # "Gregory Day", "Adrienne So": after a given name a common word is a surname.
    known = tokens[0].lower() in given_names()
    capitals = 0
    for at, token in enumerate(tokens):
        low = token.lower()
        if low.strip(".,") in _SUFFIXES and at:
            continue
        if _INITIALS.fullmatch(token):
            capitals += token[0].isupper()
            continue
        if not _NAME_TOKEN.fullmatch(token) or low.endswith(("'s", "’s")):
            return False
        if low in _PARTICLES and len(tokens) > 1:
            if token[0].isupper():
                capitals += at == 0
            continue
        if low.startswith(("d'", "d’", "al-", "el-", "ul-", "l'", "l’", "’t", "'t")) and len(low) > 3:
            capitals += 1
            continue
        if not token[0].isupper() and not _caseless(token[0]):
            return False
        if low in words.stop and (at == 0 or len(tokens) < 3) and not known:
            return False
        capitals += 1
    return 1 <= capitals <= most


def _caseless(character: str) -> bool:
    return character.isalpha() and not character.isupper() and not character.islower()


@lru_cache(maxsize=None)
def _labels(words: Lexicon) -> re.Pattern[str]:
    """A label with a role at the start of a stretch, the words that open a byline included."""
    labels = alternatives([*words.roles, *words.by])
    return re.compile(rf"(?:{labels})(?:\s{{0,2}}:\s{{0,2}}|(?=[\s‖])\s*‖?\s*|$)(?:(?:{alternatives(words.by)})\s{{1,3}})?", re.IGNORECASE)


@lru_cache(maxsize=None)
def _inner_by(words: Lexicon) -> re.Pattern[str]:
    """A byline word further inside: "Club review by Jane Doe"."""
    return re.compile(rf"(?<=[\s‖|,.])(?:{alternatives(words.by - _PARTICLES)})\s{{1,2}}(?=[^\W\d_a-z])")


@lru_cache(maxsize=None)
def _joints(words: Lexicon) -> re.Pattern[str]:
        # "Dan" is a name and "dan" an Indonesian "and": the case counts, except that all of a byline may be capitals.
    both = alternatives([*words.conjunctions, *(word.upper() for word in words.conjunctions if len(word) > 1)])
    return re.compile(rf"(?:^|\s+)(?:{both}|&|\+)\s+")


def people(byline: str, words: Lexicon | None = None, role: Role = "author") -> tuple[Person, ...]:
    """Return the people that `byline` names, in order, without doubles; () where it names nobody.

    `words` are the languages to read it with (default: all); `role` is given to those without a label of their
    own. Agencies and papers come as organisations, and only where no person stands before them.
    """
    words = words or lexicon(None)
    text = _INVISIBLE.sub("", byline[:_LIMIT]).replace("\u00a0", " ")
    if len(_EAST.findall(text)) * 2 > sum(map(str.isalpha, text)):
        return _eastern(text, words, role)
    handles = _ADDRESS.findall(text)
    text = _ADDRESS.sub(" ‖ ", text)
    text = re.sub(r"^\W{0,3}©\s?(?:\d{4})?\s?|(?<=[a-z])\d{4}$", "", text)
    text = unglue(text)
    text = _RELATIVE.sub(" ‖ ", text.lstrip(_BULLETS))
    text = _without_dates(text, words)
    text = re.sub(r"\([^()]{0,120}\)", " ", text)
    text = re.sub(r"[ \t]+", " ", text).strip(_BULLETS + "‖")
    text = _CREDENTIALS.sub(" ", text + " ").strip()
    found: list[Person] = []
    current: Role = role
    labelled = False
    for part in _SPLIT.split(text):
        part = part.strip(_BULLETS + "©‖()")
        opened = False
        while part:
            match = _labels(words).match(part)
            if not match or not match.end():
                break
            label = " ".join(match.group().lower().replace("‖", " ").rstrip(": ").split())
            current = _role(label, words, role)
            part = part[match.end() :].strip(_BULLETS + "‖")
            opened = labelled = True
        if not opened and not found:
            inner = _inner_by(words).search(part)
            if inner and not _NO_AUTHOR.search(part[: inner.start()]):
                part, opened, labelled = part[inner.end() :], True, True
        if not part:
            continue
        # A second stretch without a label of its own is an employer, a section or a teaser more often than a name.
        found += _stretch(part, words, current, open_to_one=opened, after=bool(found))
    if not found and handles:
        found += _from_address(handles, role)
    return _distinct(found)


def _role(label: str, words: Lexicon, default: Role) -> Role:
    for at in range(len(label.split()), 0, -1):
        known = words.roles.get(" ".join(label.split()[:at]))
        if known:
            return known if known != "author" else default  # type: ignore[return-value]
    return default


def _without_dates(text: str, words: Lexicon) -> str:
    spans = [(date.start, date.end) for date in written(text, words)] + clock(text)
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " ‖ " + text[end:]
    return _weekdays(words).sub(" ", text) if spans else text


@lru_cache(maxsize=None)
def _weekdays(words: Lexicon) -> re.Pattern[str]:
    days = alternatives(day for day in words.weekdays if len(day) > 3)
    return re.compile(rf"(?<!\w)(?:{days})(?!\w)[,.]?\s*(?=‖)", re.IGNORECASE)


def _stretch(
    text: str, words: Lexicon, role: Role, *, open_to_one: bool, after: bool
) -> list[Person]:
    """The people of one stretch between separators."""
    found: list[Person] = []
    pieces: list[tuple[str, str]] = []  # (what stands before it, text)
    joint = "start"
    for comma in re.split(r"\s*,\s*", text):
        if comma.lower() in _SUFFIXES and pieces:
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]} {comma}")
            continue
        for at, piece in enumerate(_joints(words).split(comma)):
            if piece:
                pieces.append(("and" if at else joint, piece))
        joint = "comma"
    turned = _surname_first(pieces, words)
    if turned:
        return [Person(turned, role)]
    listed = len(pieces) > 2 and any(kind == "and" for kind, _ in pieces)
    employer = False  # the piece before was one: "Institute of Allergy and Infectious Diseases"
    for kind, piece in pieces:
        first = not found and not after
        if " The " in piece[3:]:  # "Vasilisa Stepanenko The Associated Press"
            piece = piece[: piece.index(" The ", 3)]
        if is_organisation(piece, words) and not _starts_with_name(piece.split(), words):
            employer = not first
        elif kind != "and":
            employer = False
        for name in _split_run(_trim(piece, words, alone=first), words):
            single = len(name.split()) == 1
            if not name or not is_name(name, words):
                if name and first and _organisation_shape(name, words):
                    found.append(Person(name, role, "organisation"))
                continue
            if is_organisation(name, words):
                if first or (kind == "and" and found):
                    found.append(Person(name, role, "organisation"))
                continue
            if single and not (first and open_to_one) and not (kind == "and" and found):
                continue
            known = name.split()[0].lower().strip(".") in given_names() or bool(_INITIALS.match(name))
            if (kind == "comma" or after) and not (known or listed) or (employer and not known):
                continue
            found.append(Person(proper_case(name), role))
    persons = [person for person in found if person.kind == "person"]
    if persons and found[0].kind == "organisation" and len(found) == 2:
        return persons
    return found


def _organisation_shape(name: str, words: Lexicon) -> bool:
    return len(name.split()) <= 6 and name[:1].isupper() and is_organisation(name, words)


def _trim(piece: str, words: Lexicon, *, alone: bool) -> str:
    """`piece` without honorifics, job titles and what follows a preposition."""
    piece = piece.split("‖")[0] if piece.split("‖")[0].strip() else piece.replace("‖", " ")
    piece = piece.strip(_BULLETS + "()[]\"“”„'’")
    piece = _HONORIFIC.sub("", piece)
    tokens = piece.split()
    whole = " ".join(tokens)
    if is_organisation(whole, words) and not _starts_with_name(tokens, words):
        staff = any(token.lower() in words.jobs - words.organisations for token in tokens)
        return whole if alone and not (staff and len(tokens) < 2) else ""
    for at, token in enumerate(tokens):
        low = token.lower()
        # "in Washington", "For Dailymail.Com", "is a writer"; "Maria de Souza" is one name all the same
        if at and low not in _PARTICLES and (low in words.places or token in words.verbs):
            tokens = tokens[:at]
            break
    for at, token in enumerate(tokens):
        low = token.lower().strip(".,")
        if at and low in words.published | words.modified and len(low) > 4:
            tokens = tokens[:at]
            break
        if low in words.jobs and not (at == 0 and len(tokens) > 2 and low in given_names()):
            if at < 2:  # the title stands first: "Deputy Editor Nicolas Stecher"
                tokens = tokens[at + 1 :] if alone else []
                return _trim(" ".join(tokens), words, alone=alone) if tokens else ""
            tokens = tokens[:at]
            while len(tokens) > 2 and (tokens[-1].lower() in words.modifiers or re.search(r"isch(?:er?|e|es)$", tokens[-1].lower())):
                tokens.pop()
            break
    while len(tokens) > 2 and tokens[0].lower() in words.modifiers and tokens[0].lower() not in given_names():
        tokens = tokens[1:]
    if len(tokens) > 2 and any(_institutional(token, words) for token in tokens[2:]) and _starts_with_name(tokens, words):
        tokens = tokens[:2]  # "Jim Walsh Cherry Hill Courier"
    while tokens and tokens[-1].lower().strip(".,") in _PARTICLES | words.conjunctions and not tokens[-1][0].isupper():
        tokens.pop()
    return " ".join(tokens).strip(",;:|")


def _starts_with_name(tokens: list[str], words: Lexicon) -> bool:
    return len(tokens) >= 2 and tokens[0].lower() in given_names() and tokens[1].lower() not in words.organisations


def _split_run(name: str, words: Lexicon) -> list[str]:
    """Names that follow each other without a separator: "Birgit Baumann Anna Giulia Fink Jan Marchart"."""
    tokens = name.split()
    half = len(tokens) // 2
    if len(tokens) >= 4 and len(tokens) % 2 == 0 and tokens[:half] == tokens[half:]:
        return [" ".join(tokens[:half])]
    if len(tokens) < 4 or any(token.lower() in _PARTICLES for token in tokens):
        return [name]
    given = given_names()
    parts: list[list[str]] = [[]]
    for at, token in enumerate(tokens):
        current = parts[-1]
        if (
            len(current) >= 2
            and token.lower() in given
            and at + 1 < len(tokens)
            and current[0].lower() in given
            and current[-1].lower() not in given
        ):
            parts.append([])
        parts[-1].append(token)
    return [" ".join(part) for part in parts]


def _surname_first(pieces: list[tuple[str, str]], words: Lexicon) -> str:
    """The name of "Doe, Jane" in the usual order, or an empty string."""
    if len(pieces) != 2 or pieces[1][0] != "comma":
        return ""
    last, first = pieces[0][1].split(), pieces[1][1].split()
    given = given_names()
    if len(last) == 1 and 1 <= len(first) <= 3 and first[0].lower() in given and last[0].lower() not in given:
        name = f"{' '.join(first)} {last[0]}"
        if is_name(name, words) and not is_organisation(name, words):
            return proper_case(name)
    return ""


def _from_address(handles: list[str], role: Role) -> list[Person]:
    """A name from an address such as jane.doe@example.org, where nothing else is left of the byline."""
    for handle in handles:
        local, at, _ = handle.partition("@")
        parts = re.split(r"[._]", local)
        if at and len(parts) == 2 and all(part.isalpha() and len(part) > 2 for part in parts) and parts[0].lower() in given_names():
            return [Person(" ".join(part.capitalize() for part in parts), role)]
    return []


def _eastern(text: str, words: Lexicon, role: Role) -> tuple[Person, ...]:
    """Names in Han characters, kana or Hangul: labels stand before or after, without spaces."""
    found: list[Person] = []
    current: Role = role
    labels = sorted(words.roles, key=lambda label: (-len(label), label))
    spaced = re.fullmatch(f"([{_HAN}]{{1,3}}) ([{_HAN}]{{1,3}})", text.strip())
    if spaced:  # Japanese family and given name
        return (Person(text.strip(), role),)
    for part in _EAST_PARTS.split(text):
        for label in labels:
            at = part.find(label) if _EAST.match(label) else -1
            if at >= 0 and (at + len(label) < len(part) or at == 0) and len(label) > (1 if at else 0):
                current = _role(label, words, role)
                part = part[at + len(label) :]
                break
        bare = _EAST_TAIL.sub("", part)
        if bare != part and bare and re.search("[报報]", part[len(bare) :]):
            continue  # "台北報導": the place a report comes from
        if _EAST_OTHER.search(bare) or not _EAST_NAME.fullmatch(bare):
            continue
        if any(label in bare for label in labels if len(label) > 1) or bare in words.weekdays:
            continue
        found.append(Person(bare, current))
    return _distinct(found)


def _distinct(found: list[Person]) -> tuple[Person, ...]:
    kept: dict[tuple[str, str], Person] = {}
    for person in found:
        kept.setdefault((person.name.casefold(), person.role), person)
    return tuple(kept.values())
