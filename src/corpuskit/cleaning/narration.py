"""Lines that tell a story, whatever words they share with the furniture of a page: no rule that looks at a line alone
takes them.

"My mother wrote:" opens a letter in a memoir, "Lena Fox says:" the comment of a reader. "Don't have an account? the
machine asks her." reports what a page asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from corpuskit.cleaning.automata import automaton
from corpuskit.patterns import later

__all__ = ["is_postscript", "is_sentence", "opens_speech", "signs", "speaking", "tells"]

# Who speaks stands before these verbs, or behind what was said.
_SAYS = (
    r"said|says|asked|asks|wrote|writes|replied|answered|tells?|told me|whispered|cried|shouted"
    r"|sagte|sagt|fragte|rief|schrieb|schreibt|meinte|antwortete|flüsterte"
    r"|dit|disait|demanda|répondit|répond|écrivit|écrit|cria|murmura"
    r"|dijo|dice|decía|preguntó|respondió|contestó|escribió|escribe"
    r"|disse|rispose|chiese|scrisse|scrive|scritto|diz|perguntou|respondeu|escreveu"
    r"|zei|zegt|vroeg|riep|schreef|schrijft|antwoordde|sade|säger|frågade|skrev|skriver|svarade"
    r"|sagde|siger|spurgte|svarede|sier|sa|spurte|svarte|skreiv|sanoi|sanoo|kysyi|kirjoitti|vastasi"
    r"|powiedzia[lł]\w*|mówi\w*|spytał\w*|zapytał\w*|napisał\w*|pisze|odpowiedział\w*"
    r"|řekl\w*|říká|zeptal\w*|napsal\w*|píše|odpověděl\w*"
    r"|сказал\w*|говорил\w*|говорит|спросил\w*|спрашивал\w*|написал\w*|пишет|ответил\w*"
    r"|сказав|казав|казала|каже|спитав|спитала|написав|пише|відповів|відповіла"
    r"|dedi|diyor|diye sordu|yazdı|είπε|είπαν|λέει|ρώτησ\w*|έγραψε"
    r"|(?:a|au) (?:zis|spus|întrebat|scris|răspuns)|spune|scrie|mondta|kérdezte|írta|felelte"
    r"|kata|ujar|tanya|berkata|menulis|قالت?|كتبت?|سألت?"
)
_REPORTED = later(
    rf"(?:[,，] ?[-–—]? ?(?:\w+ )?|[?!…\"”»“„‘’？！] ?[-–—]? ?(?:\w+ ){{0,3}})(?:{_SAYS})\b"
    r"|[，。？！”」][^，。]{0,8}(?:说|說|道|喊|问|問)[。，]?$|」?と、?[^、。]{0,8}(?:言|頷|うなず|答え|尋ね|叫)"
)  # "Vous avez un message ? dit-il", "「行くの」と母が言った"
#: Korean and Japanese furniture speaks politely (합니다, しました); plain verbs ("했다.", "だった。") tell.
_PLAIN = later(r"[^니]다\.?$|(?:[^まで]した|[^し]た|だ)。$")
_PLAIN_CHARS = 4  # that it looks at
_OPENS = later(rf"(?P<who>\S.{{0,60}}?)(?: (?:{_SAYS})|(?P<east>说|說|写道|寫道)) ?[:：]?$")
_QUOTES = tuple("\"“”„«»‘'—–-「『《")
_DATED = later(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d\d|\d (?:\w+ )?ago\b")
_STOPS = tuple(".!?。！？…؟।")
_CLOSERS = "\"”»’)]」』*_"
_QUOTED = later(r"[\"“”„«»‘’'「『].{12,}[\"“”«»‘’'」』][.!?…]?$")
# "Jean-Jacques Rousseau", "— Rosa Lind, letter to her sister"
_SIGNED = later(
    r"[—–-]{0,2} ?[^\W\d_a-z][\w.'’-]*"
    r"(?: (?:[^\W\d_a-z][\w.'’-]*|de|da|di|la|van|von|der|den|ibn|al)){1,3}(?:, [^.!?]{2,40})?$"
)
_POSTSCRIPT = later(r"\s*(?:P\.? ?)+S\b")
_SENTENCE_WORDS = 4
_SENTENCE_CHARS = 8
_HANDLE_WORDS = 4  # "Anne Marie van Dijk"
_NEAR = 14         # filled lines in which the next comment begins, as for a thread
_BESIDE = 3        # in which its date stands
_DATE_CHARS = 80

#: With which a sentence begins and no name: "In the book it says:", "Mein Großvater sagte:", "Il vescovo disse:".
_NO_NAME = frozenset(
    """
    in on at as so and but then the a an my our your his her their its she he they we i it this that one who what
    er sie es ich wir der die das den dem ein eine mein meine unser unsere sein seine ihr ihre und aber da dann man
    il elle ils elles on je nous le la les l un une mon ma mes notre son sa ses leur et puis ce cette
    él ella ellos yo nosotros el los las uno una mi mis nuestro nuestra su sus y pero entonces este esta
    lui lei loro io noi lo gli uno mio mia nostro suo sua e poi
    ele ela eles eu nós o a os as um uma meu minha nosso nossa seu sua então
    hij ze zij ik wij we de het een mijn onze zijn haar en toen maar
    han hon jag vi den det en ett min mitt mor far sin och men så hun jeg vi min moren faren og
    hän minä me se ja mutta on ona oni ja my ten ta to mój moja matka ojciec i ale
    oni já můj moje ten ta a on ona они он она я мы мой моя наш наша и но потом він вона вони я ми мій моя
    o ben biz ve ama benim ο η το αυτός αυτή εγώ και el ea ei eu noi și dar
    ő én mi a az és de ia dia saya kami aku dan هو هي أنا
    """.split()  # noqa: SIM905 - two hundred words
)
_EASTERN_NO_NAME = tuple("他她它我你您这那這谁誰")


def is_postscript(line: str) -> bool:
    """Whether a line below a signature is the author's ("P.S. I thank you for the pears.")."""
    return _POSTSCRIPT.match(line) is not None


def signs(line: str, above: str) -> bool:
    """Whether `line` names whom the quotation on the line `above` it is by, as below the epigraph of an essay."""
    return _QUOTED.match(above.strip()) is not None and _SIGNED.match(line.strip()) is not None


def is_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does and has four words, or eight characters of a script without blanks."""
    text = line.strip()
    if not text.rstrip(_CLOSERS).endswith(_STOPS):
        return False
    return text.count(" ") >= _SENTENCE_WORDS - 1 or (" " not in text and len(text) >= _SENTENCE_CHARS and not text.isascii())


def speaking(lines: Sequence[str], filled: Sequence[int], asked: Iterable[int]) -> tuple[set[int], set[int]]:
    """Return which of some lines tell (see `tells`), and which open speech (see `opens_speech`).

    One look at all of them says of most pages that none does.
    """
    texts = {line: lines[line].strip() for line in asked}
    said = _may_speak()("\n".join(texts.values()).encode(errors="replace")) or ()
    telling = {line for line, text in texts.items() if (tells(text) if _REPORTS in said else _is_plain(text))}
    return telling, opens_speech(lines, filled, texts) if _OPENING in said else set()


def tells(line: str) -> bool:
    """Whether a line reports speech, or tells in the plain form of Korean or Japanese."""
    text = line.strip()
    if _is_plain(text):
        return True
    return _REPORTS in (_may_speak()(text.encode(errors="replace")) or ()) and _REPORTED.search(text) is not None


def _is_plain(text: str) -> bool:
    return not text.isascii() and _PLAIN.search(text[-_PLAIN_CHARS:]) is not None


_REPORTS, _OPENING = 0, 1  # patterns of `_may_speak`


@lru_cache(maxsize=1)
def _may_speak() -> Callable[[bytes], list[int] | None]:
    """Which of `_REPORTED` and `_OPENS` may be found in any line of a text: RE2 knows no words of other scripts."""
    reported = _REPORTED.pattern.replace(r"\b", "(?:[^0-9A-Za-z_]|$)")
    opens = _OPENS.pattern.partition("}?)")[2].replace("?P<east>", "")  # who speaks may be anything, and any length of it a state
    return automaton([f"(?m:{one})".replace(r"\w", r"[\pL\pM\pN_]") for one in (reported, opens)])


def opens_speech(lines: Sequence[str], filled: Sequence[int], asked: Iterable[int]) -> set[int]:
    """Return those of some lines that end by saying who speaks, and head no comment of a reader.

    A header of a comment begins with a name or handle, no quotation mark opens the next line, and another header or
    a date stands near. `filled` are the lines that are not blank, in order.
    """
    ends = {line: one for line in asked if (one := _OPENS.match(lines[line].strip()))}
    if not ends:
        return set()
    rank = {line: number for number, line in enumerate(filled)}
    named = [line for line, one in ends.items() if _is_header(one["who"], one["east"])]
    headers = {line for line in named if not _quoted(lines, filled, rank[line])}
    return {line for line in ends if line not in headers or not _has_company(lines, filled, rank, line, headers)}


def _is_header(who: str, east: str | None) -> bool:
    words = who.split()
    if east:
        return not who.startswith(_EASTERN_NO_NAME)
    return len(words) <= _HANDLE_WORDS and words[0].casefold().strip("’'") not in _NO_NAME


def _quoted(lines: Sequence[str], filled: Sequence[int], rank: int) -> bool:
    """Whether the next line opens with a quotation mark or a dash."""
    return rank + 1 < len(filled) and lines[filled[rank + 1]].lstrip().startswith(_QUOTES)


def _has_company(
    lines: Sequence[str], filled: Sequence[int], rank: dict[int, int], line: int, headers: set[int]
) -> bool:
    """Whether another header stands near, or a date beside this one."""
    at = rank[line]
    if any(other != line and abs(rank[other] - at) <= _NEAR for other in headers):
        return True
    beside = [lines[other] for other in filled[max(0, at - _BESIDE) : at + _BESIDE + 1] if other != line]
    return any(len(one) < _DATE_CHARS and _DATED.search(one) for one in beside)
