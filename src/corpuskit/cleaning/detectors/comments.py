"""Readers who speak after the author has finished."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

from corpuskit.cleaning.narration import is_postscript
from corpuskit.cleaning.page import Cut
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["after_sign_off", "below_anchor", "below_sign_off", "counted_remarks", "greetings", "posts", "thread"]

_MOST_LINES = 6  # a longer end is an afterword until something else says that it is not
_MOST_WORDS = 80
_LEAST_HEADERS = 4    # two dated lines are an update and a correction
_ARTICLE_LONG = 2     # paragraphs that stand above a thread below an article; a forum opens with a header
_ARTICLE_SHARE = 0.2  # and their share of the words
_LONG_ARTICLE, _LEAST_SHARE = 3, 0.05  # paragraphs from which they are one on a page full of remarks, and their share there
_DOUBTED, _DOUBTED_SHARE = 0.5, 0.33
_REMARKS, _LAST_REMARK = 0.85, 0.75
_BELOW_COUNT = 0.5    # what the line model must say of half of the lines below the number of remarks
_GAP = 20             # filled lines from one header to the next: a long comment, or one that quotes another
_GAP_BELOW_LABEL = 60  # below "76 Kommentare" nothing is the article's: a reader's poem has many lines
_NUMBERED = later(r"\s*(\d{1,4})[.)](?:\s|$)")
_FIRST_NUMBER = 5     # filled lines from the number of remarks to the first of them: between them stands what may be said here
_FIRST, _GAP_IN_NUMBERS = 3, 4  # remarks that hold a list of their own, or lost their number on the way, leave gaps
_GREETED = later(  # "Hi Lena, …", "Hello Ms Orme,", and not "Liebe Grüße, Tom"
    r"(?i)\W*(?:hi|hey|hello|hallo|dear|liebe[rs]?|hej|hei|hoi|ciao|salut|bonjour|coucou|hola|olá|oi|cześć|ahoj|привет|merhaba)"
    r" (?:[^\W\d_]{1,5}\.? )?(?!gr[uü](?:ß|ss))([^\W\d_]{2,})[,!]"
)
_ANSWERED = 0.4       # as often as the name that is greeted most
_COUNT = later(r"\d{1,4}")
_COUNTED = 0.8        # a name may be quoted, or a day stand in a remark
_POST = 8             # filled lines of a first comment whose button stands at its end
_LEAST_BULLETS = 2    # comments that a bullet opens right below the button of another
_BULLETS = ("•", "*", "-", "–", "·")
_ITEM = later(r"\s*(?:\d{1,4}\.|[•*]) ")
_LEAST_ITEMS, _ITEM_SHARE = 2, 0.4  # of those counted: answers to remarks are lists in the list


def after_sign_off(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A remark to the author ("You've made me think again!") in the few lines below the author's sign-off.

    `lines` are those that speak to somebody. The sign-off is a line that a sign-off rule has taken; everything
    below it must be short, or it is an afterword.
    """
    below = below_sign_off(page)
    for line in lines:
        if line in below and not is_postscript(page.facts.lines[line]):
            last = max(_signed(page))
            yield Cut(line, rule.id, rule.confidence, f"speaks to the author who signed as {page.facts.lines[last]!r}")


def _signed(page: Page) -> list[int]:
    return [line for line, cut in page.taken.items() if "sign-off" in cut.rule]


def below_sign_off(page: Page) -> list[int]:
    """The lines left below the author's sign-off, none where they are an afterword."""
    signed = _signed(page)
    if not signed:
        return []
    last = max(signed)
    below = [line for line in page.facts.filled if line > last]
    if len(below) > _MOST_LINES or any(page.facts.words[line] > _MOST_WORDS for line in below):
        return []
    return [line for line in below if page.stands[line]]


def below_anchor(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line that counts the remarks of readers on the text above it, and all that follows, to the end."""
    facts = page.facts
    for line in lines[:1]:
        if sum(facts.words[:line]) < _ARTICLE_SHARE * facts.total_words:
            return  # a link to the remarks, above the text
        remarks = list(page.following(line))
        counted = any(char.isdigit() for char in page.left[line])
        if not counted and page.chances and remarks and median(page.chances[below] for below in remarks) < _BELOW_COUNT:
            return  # "Three responses to 'The Tide'" heads a part of an essay; "3 responses" does not
        yield Cut(line, rule.id, rule.confidence, "counts the remarks of readers, which follow")
        for below in remarks:
            yield Cut(below, rule.id, rule.confidence, f"a remark below {facts.lines[line].strip()[:40]!r}")


def counted_remarks(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line that counts the remarks of readers ("29 Comments"), where about as many follow: it, and these.

    Where they are numbered, the numbers agree, and so does a form below or the line model, all goes to the end of the page: a
    thread is often longer than the text that it is about (2,400 words below an article of 1,400), so where its label stands
    says little, and a long remark reads like a paragraph. Where they are a list of which only bullets survived, all goes down
    to the form for another remark; "Twelve answers" heads a list of an article, too, but no form stands below that. A list
    with such a title ("5 Responses") opens its page.
    """
    facts = page.facts
    for line in lines:
        found = _COUNT.search(facts.lines[line])
        above = [n for n in facts.filled if n < line]
        below = [n for n in facts.filled if n > line]
        if found is None or not below or not any(page.is_paragraph(n) for n in above):
            continue
        count = int(found.group())
        if not _are_numbered(page, count, below) or sum(facts.words[:line]) < _LEAST_SHARE * facts.total_words:
            below = _listed_above_form(page, count, below, matcher)
        elif not any(facts.long[:line]) or not _are_remarks(page, below, matcher):
            continue
        if below:
            for remark in (line, *below):
                if page.standing(remark):
                    yield Cut(remark, rule.id, rule.confidence, f"in the remarks that {facts.lines[line].strip()[:40]!r} counts")


def _are_numbered(page: Page, count: int, below: Sequence[int]) -> bool:
    """Whether numbered lines stand here, as many as `count` says or a few less: answers have numbers of their own."""
    lines = page.facts.lines
    numbers = [(place, int(found.group(1))) for place, n in enumerate(below) if (found := _NUMBERED.match(lines[n]))]
    if not numbers or numbers[0][1] > _FIRST or numbers[0][0] >= _FIRST_NUMBER:
        return False
    last = 0
    for _, number in numbers:
        if last < number <= last + _GAP_IN_NUMBERS:
            last = number
    return 2 * last >= count >= last


def _are_remarks(page: Page, below: Sequence[int], matcher: Matcher) -> bool:
    """Whether something else says so: "3 thoughts on teaching" and three numbered paragraphs may close an essay."""
    if any(_speaks_of_remarks(page, n, matcher) for n in below):
        return True
    return bool(page.chances) and median(page.chances[n] for n in below) >= _REMARKS


def _listed_above_form(page: Page, count: int, below: Sequence[int], matcher: Matcher) -> list[int]:
    """The lines of a list that begins right here and has about `count` items, above what else is said of remarks."""
    lines = page.facts.lines
    if not _ITEM.match(lines[below[0]]):
        return []
    end = next((place for place, n in enumerate(below) if _speaks_of_remarks(page, n, matcher)), 0)
    listed = list(below[:end])
    items = sum(_ITEM.match(lines[n]) is not None for n in listed)
    return listed if max(_LEAST_ITEMS, _ITEM_SHARE * count) <= items <= count else []


def _speaks_of_remarks(page: Page, line: int, matcher: Matcher) -> bool:
    """Whether a rule for comments knows the line by itself, or has taken it."""
    if _ITEM.match(page.facts.lines[line]):
        return False
    known = any(matcher.rules[hit.rule].family == "comment" for hit in page.hits.get(line, ()))
    return known or (line in page.taken and page.taken[line].rule.startswith("comment."))


def thread(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Everything from the first of several headers of remarks ("4. Lena says", "Reply", a date with a time) on, where the line
    model doubts what stands between them: a log, a programme, a talk of many voices have such headers, too.

    The headers stand close to each other, and an article stands above them; where they open the document, as in a
    forum or a diary, they are part of it.
    """
    rules = matcher.rules.rules
    spoken, marked = set(lines), set[int]()
    for line, hits in page.hits.items():
        detectors = {rules[hit.rule].detector for hit in hits}
        if "thread" in detectors:
            spoken.add(line)
        if "posts" in detectors:
            marked.add(line)
    names = sorted(spoken)
    if len(names) < _LEAST_HEADERS:
        yield from _few(page, rule, names, matcher)
    headers = sorted(spoken | marked)
    yield from _thread(
        page, rule, headers, matcher,
        lambda first: _are_counted(page, first, names, matcher) or _reads_as_remarks(page, first, headers),
    )  # fmt: skip


def _few(page: Page, rule: Rule, headers: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The few remarks that a label counts ("2 Kommentare", a name and a day, a remark, a name and a day, a remark)."""
    facts = page.facts
    if not headers or sum(facts.words[: headers[0]]) < _ARTICLE_SHARE * facts.total_words:
        return
    place = bisect_left(facts.filled, headers[0])
    if not _are_counted(page, headers[0], headers, matcher) or len(facts.filled) - bisect_left(facts.filled, headers[-1]) > _GAP:
        return
    if not _is_doubted(page, headers[0]):
        return
    label = facts.lines[facts.filled[place - 1]].strip()[:40]
    for line in facts.filled[place:]:
        if page.standing(line):
            yield Cut(line, rule.id, rule.confidence, f"one of the remarks that {label!r} counts")


def posts(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The same from the first of several buttons or marks on that no text has ("ReplyDelete", "(Score:2)")."""
    return _thread(page, rule, lines, matcher, lambda _: True)


def greetings(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The same from the first of several greetings ("Hi Lena,", "Liebe Grüße, Tom") on, where the line model doubts what follows.

    Letters have them, too: they go both ways, where readers all greet the author, and a story in letters is not doubted.
    """
    greeted = [(line, found) for line in lines if (found := _GREETED.match(page.facts.lines[line]))]
    if not greeted or _go_both_ways(found.group(1).casefold() for _, found in greeted):
        return
    headers = [line for line in lines if line >= greeted[0][0]]  # above it the first letter would lose its signature alone
    yield from _thread(page, rule, headers, matcher, lambda first: _is_doubted(page, first), _ARTICLE_SHARE)


def _go_both_ways(names: Iterable[str]) -> bool:
    """Whether a second name is greeted again and again; an author answers each reader once or twice."""
    counts = [count for _, count in Counter(names).most_common(2)]
    return len(counts) > 1 and counts[1] >= max(2, _ANSWERED * counts[0])


def _thread(
    page: Page, rule: Rule, headers: Sequence[int], matcher: Matcher, believed: Callable[[int], bool], least: float = _LEAST_SHARE
) -> Iterator[Cut]:
    """`believed` says of the line where the thread begins whether it is one; `least` is the share of words above a sure one."""
    if len(headers) < _LEAST_HEADERS:
        return  # as on most pages, which have a date or two
    facts = page.facts
    own = _is_of_the_article(page, headers)
    headers = _below_label(page, headers[own:], matcher)
    rank = {line: number for number, line in enumerate(facts.filled)}
    run: list[int] = []
    most = _GAP if _label_above(page, rank, headers[0], matcher) < 0 else _GAP_BELOW_LABEL
    for line in headers:
        if run and rank[line] - rank[run[-1]] > most:
            if len(run) >= _LEAST_HEADERS:
                return  # the text goes on below the headers: they are part of it
            run = []
        run.append(line)
    if len(run) < _LEAST_HEADERS or len(facts.filled) - rank[run[-1]] > most:
        return
    label = _label_above(page, rank, run[0], matcher)
    labelled = label >= 0 and _is_doubted(page, label + 1)
    first = label + 1 if labelled else _first_post(page, rank, run)
    above = [line for line in facts.filled if line < first]
    long, share = sum(facts.long[line] for line in above), sum(facts.words[line] for line in above) / facts.total_words
    if not labelled and (long < _ARTICLE_LONG or headers[0] < above[len(above) // 2]):
        return
    sure = labelled or (long >= _LONG_ARTICLE and _is_doubted(page, first))
    if share < (least if sure else _ARTICLE_SHARE) or not believed(first):
        return
    if own and not _is_doubted(page, first):
        return  # a diary has a header above each day
    for line in facts.filled:
        if line >= first and page.standing(line):
            yield Cut(line, rule.id, rule.confidence, f"in a thread of {len(run)} headers: {facts.lines[run[0]].strip()[:40]!r}")


def _below_label(page: Page, headers: Sequence[int], matcher: Matcher) -> Sequence[int]:
    """The headers below the label of all comments, if enough of them are: those above it are the article's. It is one of them
    ("Reply"), or stands below a few that are none ("Carolin says:" opened what the article quoted, above "9 Responses")."""
    facts = page.facts
    within = [line for line in page.hits if headers and headers[0] < line < headers[-1]]
    for line in sorted({*headers, *within}):
        if _is_label(page, line, matcher) and sum(facts.words[:line]) >= _ARTICLE_SHARE * facts.total_words:
            below = [header for header in headers if header > line]
            if line not in headers and len(headers) - len(below) >= _LEAST_HEADERS:
                continue
            return below if len(below) >= _LEAST_HEADERS else headers
    return headers


def _is_of_the_article(page: Page, headers: Sequence[int]) -> bool:
    """Whether the first header is the article's own ("Posted by Lena"): it stands above the paragraphs, with no other near."""
    long = page.facts.long
    return len(headers) > 1 and not sum(long[: headers[0]]) and sum(long[headers[0] : headers[1]]) >= _ARTICLE_LONG


def _is_doubted(page: Page, first: int) -> bool:
    """Whether the line model doubts a third of what follows: a diary has dates, and may stand below the label of its comments."""
    lines = [line for line in page.facts.filled if line >= first]
    doubted = [line for line in lines if page.gone[line] or (page.chances and page.chances[line] >= _DOUBTED)]
    return len(doubted) >= _DOUBTED_SHARE * len(lines)


def _reads_as_remarks(page: Page, first: int, headers: Sequence[int]) -> bool:
    """Whether the line model finds what is no header likely to be residue, the last such line, too: headers look like it by
    what rules say of them. In logs, programmes and talks written to look like threads the median was 0.08 to 0.79 by the shipped
    model, but for one; in the 17 threads of labelled pages that are found so, by models that had not seen them, 0.95 and more.
    """
    between = [page.chances[line] for line in page.facts.filled if line >= first and line not in headers] if page.chances else []
    return bool(between) and median(between) >= _REMARKS and between[-1] >= _LAST_REMARK


def _are_counted(page: Page, first: int, headers: Sequence[int], matcher: Matcher) -> bool:
    """Whether the label above counts as many remarks as there are headers ("11 Kommentare", and eleven names with a day)."""
    label = page.facts.filled[bisect_left(page.facts.filled, first) - 1]
    if label >= first or not _is_label(page, label, matcher):
        return False
    found = _COUNT.search(page.facts.lines[label])
    below = sum(header >= first for header in headers)
    return found is not None and _COUNTED * below <= int(found.group()) <= below + 1


def _first_post(page: Page, rank: dict[int, int], headers: Sequence[int]) -> int:
    """The line where the first comment begins: above its button, where a bullet opens each comment ("• tom" … "Reply")."""
    filled = page.facts.filled
    below = [page.facts.lines[filled[rank[line] + 1]][:1] for line in headers if rank[line] + 1 < len(filled)]
    bullet = max(set(below), key=lambda sign: (below.count(sign), sign))
    if bullet not in _BULLETS or below.count(bullet) < _LEAST_BULLETS:
        return headers[0]
    near = filled[max(rank[headers[0]] - _POST, 0) : rank[headers[0]]]
    return next((line for line in reversed(near) if page.facts.lines[line].startswith(bullet)), headers[0])


def _label_above(page: Page, rank: dict[int, int], header: int, matcher: Matcher) -> int:
    """The label of all comments ("Comments") above the first header, or -1."""
    for line in reversed(page.facts.filled[max(rank[header] - _POST, 0) : rank[header]]):
        if _is_label(page, line, matcher):
            return line
    return -1


def _is_label(page: Page, line: int, matcher: Matcher) -> bool:
    rules = [matcher.rules[hit.rule] for hit in page.hits.get(line, ())]
    return any(rule.family == "comment" and rule.detector == "end-anchor" for rule in rules)
