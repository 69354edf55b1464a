"""How far rules and line model are believed about what may be part of a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.cleaning import Options, clean_batch
from corpuskit.cleaning.detectors.ends import below_end
from corpuskit.cleaning.detectors.labels import end_anchor
from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.page import Cut, Page
from corpuskit.cleaning.phases import cleaner
from corpuskit.cleaning.trust import MODEL, guesses, puzzling

_PROSE = """
The bakery stood where the tram turned, and those who missed the tram went in to be warm, and came out with something under \
the arm that they had not meant to buy; so the baker, who knew the timetable, took care that it was never quite right.
His wife kept the till. She had a pencil behind each ear, one for what people owed and one for what they had said, and \
she was never known to take the wrong one, although the two lists, after so many years, had come to be much alike.
When the tram was given up they stayed where they were, and the people came by bicycle, and then by car, and in the end not \
at all; but the clock above the door went on being two minutes slow, out of kindness, until somebody stole it.
""".strip().split("\n")


@pytest.mark.parametrize(
    "line",
    [
        "Ez a süti nem sikerül mindig, és éppen ettől jó.", "Ada yang salah dengan jadwal hari itu.",
        "Что-то пошло не так ещё весной.",
        "未经许可，他不敢离开村子一步。", "Pentru a răspunde la scrisoare, i-au trebuit șapte ani.",
        "Κάτι πήγε στραβά εκείνο το βράδυ.",
        "Die Weiterverwendung der leeren Tüten war verboten, und doch tat sie es.",
        "Leider konnte der Dieb nie gefunden werden.",
        "Courtesy of the tram company, we all walked.", "Reporting for duty in those days meant flour.",
    ],
)  # fmt: skip
def test_a_sentence_between_paragraphs_stays(line: str) -> None:
    """A rule whose words a sentence of the text happens to use does not take it."""
    text = "\n".join([*_PROSE[:2], line, _PROSE[2]])
    assert clean_batch([text])[0].text == text


def test_calls_and_notices_between_paragraphs_go() -> None:
    """What the site says there still goes."""
    lines = ["Advertisement", "Sign up for our newsletter and never miss a story.", "Suscríbete a nuestro boletín semanal."]
    for line in lines:
        assert line not in clean_batch(["\n".join([*_PROSE[:2], line, _PROSE[2]])])[0].text


def test_a_subhead_stays_though_footers_say_the_same() -> None:
    """A word of the footer right above a paragraph of the text is a heading unless the line model is rather sure."""
    made = cleaner()
    number = next(number for number, rule in enumerate(made.rules.rules) if rule.id == "nav.en.legal")
    (facts,) = gather(["\n".join([*_PROSE[:2], "Accessibility", _PROSE[2], "Accessibility"])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    sure = made.rules[number].confidence
    assert made.trust.confidence(page, 2, number) == sure
    page.chances = (0.0, 0.0, 0.7, 0.0, 0.7)
    assert made.trust.confidence(page, 2, number) == 0.7
    assert made.trust.confidence(page, 4, number) == sure
    page.chances = (0.0, 0.0, 0.8, 0.0, 0.8)
    assert made.trust.confidence(page, 2, number) == sure


@pytest.mark.parametrize("head", ["Links", "Help", "Interview", "Discussion", "Tips", "Top", "Search", "Radio", "Jobs"])
def test_a_word_of_furniture_may_head_a_part_of_the_text(head: str) -> None:
    """Above a paragraph of an English text it stays, and so does what is below; on a page of furniture it goes."""
    text = "\n".join([*_PROSE[:2], head, _PROSE[2], "They never asked for it back."])
    assert clean_batch([text])[0].text == text


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        *((word, False) for word in ("Discussion", "Diskussion", "Diskuse", "Diskusi", "Discussione", "Discusión", "Discussie")),
        *((word, True) for word in ("Comments", "Kommentare", "Komentáře", "Commenti", "Comentarios", "Reacties")),
    ],
)  # fmt: skip
def test_a_rule_says_which_of_its_lines_head_a_section(head: str, shown: bool) -> None:
    """A paper has a discussion, and hardly comments: of those rules the line model is told, here and above no paragraph."""
    made = cleaner()
    (facts,) = gather(["\n".join([*_PROSE[:2], head, _PROSE[2], head])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    for hit in made.matcher.lines(facts.lines):
        page.hits.setdefault(hit.line, []).append(hit)
    rules = [{made.rules[hit.rule].id for hit in made.trust.shown(page, line)} for line in (2, 4)]
    told = [any(id_.endswith(".anchor") for id_ in ids) for ids in rules]
    assert told == [shown, True]


def test_a_lone_word_between_hits_is_a_button() -> None:
    """In a row of buttons the words of another language go with their neighbours."""
    text = "\n".join([*_PROSE, "Share on Facebook", "Tips", "Share on Twitter"])
    assert clean_batch([text])[0].text.rstrip("\n") == "\n".join(_PROSE)


def test_a_quotation_may_be_the_title() -> None:
    """What somebody says in the text may head it; below a title the same words are a pulled quote."""
    quote = "“The clock above the door went on being two minutes slow”"
    below = _PROSE[2].replace("the clock above the door went", "“the clock above the door went").replace("slow,", "slow”,")
    assert clean_batch(["\n".join([quote, _PROSE[0], below])])[0].text.startswith(quote)
    menu = ["Privacy policy", "Log in", "Subscribe"]
    assert clean_batch(["\n".join([*menu, quote, _PROSE[0], below])])[0].text.startswith(quote)


def test_short_paragraphs_go_on_below_buttons() -> None:
    """Share buttons in the middle of a text are no end of it when a sentence of a paragraph's length follows."""
    made = cleaner()
    rule = next(rule for rule in made.rules.rules if rule.id == "nav.any.below-end")
    after = "The widow of the baker still lives above the shop, and says that she has never needed a clock to know the time."
    (facts,) = gather(["\n".join([*_PROSE, "Share on Facebook", after, "Bread"])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    page.taken[3] = Cut(3, "share.en.buttons", 0.99, "")
    page.gone[3] = 1
    page.chances = (0.0, 0.0, 0.0, 1.0, 0.05, 0.3)
    assert list(below_end(page, rule, (), made.matcher)) == []
    page.chances = (0.0, 0.0, 0.0, 1.0, 0.5, 0.3)
    assert [cut.line for cut in below_end(page, rule, (), made.matcher)] == [4, 5]


@pytest.mark.parametrize(
    ("label", "doubt", "gone"), [("4 Comments", 0.5, [2, 3, 4]), ("4 Comments", 0.4, [2]), ("Comments", 0.5, [2])]
)
def test_a_long_remark_below_the_number_of_remarks_is_no_paragraph(label: str, doubt: float, gone: list[int]) -> None:
    """Where the line model doubts it; below a label that counts nothing any paragraph may be the article's."""
    made = cleaner()
    rule = next(rule for rule in made.rules.rules if rule.id == "comment.en.anchor")
    (facts,) = gather(["\n".join([*_PROSE[:2], label, _PROSE[2], "Great read!"])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    page.chances = (0.0, 0.0, 1.0, doubt, 0.9)
    assert [cut.line for cut in end_anchor(page, rule, [2], made.matcher)] == gone


def test_buttons_are_words_in_a_poem() -> None:
    """In lines of a poem a word stays that is a button of a page; a row of buttons goes."""
    poem = ["The Lift", "it is small", "and of wood", "close", "and down it goes", "past the second floor", "home"]
    poem += ["says the lift boy", "to nobody"]
    assert clean_batch(["\n".join(poem)])[0].text == "\n".join(poem)


def test_the_line_model_alone_must_be_surer() -> None:
    """Where no rule has cut anything in the lower part of a text, its guesses there count for less."""
    (facts,) = gather(["\n".join([_PROSE[0], *(f"Line {number} of ten." for number in range(1, 10))])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    page.chances, page.likely = (0.4,) * 6 + (0.95,) * 4, (6, 7, 8, 9)
    assert guesses(page, (9, 4, 3)) == [0.9, 0.0, 0.4]
    page.chances, page.likely = (0.0,) * 5 + (0.95,) * 5, (5, 6, 7, 8, 9)
    assert guesses(page, (9,)) == [0.95]
    page.likely = ()
    page.taken[8] = Cut(8, "share.en.buttons", 0.99, "")
    assert guesses(page, (9,)) == [0.95]
    page.taken[8] = Cut(8, MODEL, 0.99, "")
    assert guesses(page, (9,)) == [0.9]
    page.taken[2] = Cut(2, "share.en.buttons", 0.99, "")
    assert guesses(page, (9,)) == [0.9]


def test_the_line_model_must_be_surer_where_there_are_no_paragraphs() -> None:
    """In a text that is mostly short lines its guesses count for less from the first line on, whatever a rule has cut."""
    (facts,) = gather(["\n".join([_PROSE[0], *(f"Line {number} of a poem on ropes and rain." for number in range(20))])])
    page = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
    page.chances = (0.95,) * 21
    page.taken[20] = Cut(20, "share.en.buttons", 0.99, "")
    assert guesses(page, (1,)) == [0.9]


def test_the_line_model_must_be_surest_where_the_text_puzzles_it() -> None:
    """Where it cannot say of hundreds of words of paragraphs whether they are text, it is hardly believed in any line.

    So in a forum whose thread is the text, or an essay that argues with quoted posts; not where it finds a thread below an
    article likely as a whole, with a remark or two that it doubts.
    """
    (facts,) = gather(["\n".join([_PROSE[0]] * 40)])  # 48 words each

    def page(doubted: int, likely: int) -> Page:
        made = Page(facts, list(facts.lines), bytearray(len(facts.lines)))
        made.chances = (0.7,) * doubted + (0.1,) * (40 - doubted - likely) + (0.95,) * likely
        made.taken[39] = Cut(39, "share.en.buttons", 0.99, "")
        return made

    assert not puzzling(page(8, 4))  # 384 words
    torn = page(9, 4)
    assert puzzling(torn)
    assert guesses(torn, (36, 37)) == [0.5, 0.5]
    torn.chances = (0.1,) * 40  # what it says later, of what is left, changes nothing
    assert puzzling(torn)
    clear = page(9, 19)
    assert not puzzling(clear)
    assert guesses(clear, (36,)) == [0.95]


def test_own_rules_are_believed(tmp_path: Path) -> None:
    """A person's own rule takes a sentence in any language, between paragraphs, too."""
    place = tmp_path / "rules" / "nav"
    place.mkdir(parents=True)
    (place / "hu.toml").write_text(
        '[[rule]]\nid = "nav.hu.own"\nany_of = ["a harmadik vágányról indul.*"]\nwhy = "A notice of this site."\n'
        'removes = ["Alma.\\n⟦A harmadik vágányról indul ma is.\\n⟧"]\nkeeps = ["A vonat indul.", "A harmadik vágány üres."]\n',
        encoding="utf-8",
    )
    line = "A harmadik vágányról indul a mi kis vonatunk."
    text = "\n".join([*_PROSE[:2], line, _PROSE[2]])
    assert clean_batch([text])[0].text == text
    assert line not in clean_batch([text], Options(rules=(str(tmp_path / "rules"),)))[0].text
