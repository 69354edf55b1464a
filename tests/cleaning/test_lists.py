"""Lists that the text announces stay, however much their items look like the furniture of a page."""

from __future__ import annotations

import json
from pathlib import Path

from corpuskit.cleaning import clean, clean_batch
from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.tables import announced_lines, table_lines

GOLD = Path(__file__).parents[1] / "gold" / "corpus.jsonl"

PARAGRAPH = (
    "The harbour library keeps what nobody has asked for in fifty years, and lends it to whoever asks, on condition that "
    "the book comes back with a note on what the weather was like while it was read, and by whom"
)


def announced(*lines: str, doubtful: frozenset[int] = frozenset()) -> set[int]:
    """Numbers of the lines of a text that stand in an announced list."""
    return set(announced_lines(gather(["\n".join(lines)])[0], doubtful))


def test_a_sentence_announces_what_stands_below_it() -> None:
    """Up to the next paragraph, which is none of the list."""
    text = ("The guides below go into more detail.", "Knots for One Hand", "Quay Press", "Read more", f"{PARAGRAPH}.", "Next")
    assert {1, 2, 3} == announced(*text)
    assert {1} == announced("Die folgenden Bücher lagen auf dem Tisch.", "Knoten für eine Hand")
    assert {1} == announced("以下の本があった。", "片手の結び目")


def test_a_paragraph_that_ends_in_a_colon_announces() -> None:
    """A short label with a colon does not: "Read more:" stands above links to other articles."""
    assert {1, 2} == announced(f"{PARAGRAPH}:", "Butter", "Twine")
    assert set() == announced("Read more:", "Ten harbours to see", f"{PARAGRAPH}.", "Butter")


def test_what_may_itself_be_residue_announces_nothing() -> None:
    """The line that asks to read the following articles is doubted, and so are they."""
    assert set() == announced("Read the following articles!", "Ten harbours to see", doubtful=frozenset({0}))


def test_notes_that_a_paragraph_cites_stay() -> None:
    """In brackets, or as a number glued to the word; a number that nobody cites begins no note."""
    cited = f"{PARAGRAPH} [2], though the ferry had stopped.3"
    assert {1, 2} == set(table_lines(gather([f"{cited}\n[2] Tides, 1931.\n3 Quay Press, 1940\n4 boats left"])[0]))
    assert set() == set(table_lines(gather([f"{PARAGRAPH}.\n[2] Tides, 1931.\n3 Quay Press, 1940"])[0]))


def test_parts_numbered_in_chinese_stay() -> None:
    """Three of them: sections of a plan, articles of a law; rankings of links have other numbers."""
    parts = ("（一）修好码头。", "二、添两条船", "第三条 灯要亮着")
    assert {1, 2, 3} == set(table_lines(gather(["\n".join((PARAGRAPH, *parts))])[0]))
    assert set() == set(table_lines(gather(["\n".join((PARAGRAPH, *parts[:2], "一条船"))])[0]))


def test_corrections_stay() -> None:
    """In any language with rules; the page's call to report one is no correction."""
    for line in ("Correction, May 3: there are eleven.", "Oikaisu 4.4.: Niitä oli 61.", "訂正：橋は二つ。"):
        assert {1} == set(table_lines(gather([f"{PARAGRAPH}.\n{line}"])[0])), line
    assert set() == set(table_lines(gather([f"{PARAGRAPH}.\nCorrections: write to us"])[0]))


def test_a_salutation_stays() -> None:
    """Where a byline would stand, too; a call to readers that goes on is none."""
    for line in ("Cher Monsieur,", "Dear keeper of the lamp,", "Liebe Nachbarn!", "Дорогая Анна,"):
        assert {1} == set(table_lines(gather([f"Letter\n{line}\n{PARAGRAPH}."])[0])), line
    assert set() == set(table_lines(gather([f"Letter\nDear readers, support us today!\n{PARAGRAPH}."])[0]))


def test_a_paragraph_below_a_call_goes_on_with_the_article() -> None:
    """A call near the end is a sign that the article is over, unless the model finds what follows unlike residue."""
    text = "\n".join([
        f"{PARAGRAPH}.", f"{PARAGRAPH.replace('harbour', 'mill')}.",
        ("The ferryman read the note aloud on the last evening of the year, and those who had come to hear it laughed, "
        "because it had rained on the day in question, and it was raining now on the roof of the same boat."),
        "Subscribe to our newsletter",
        "He folded it, put it back into the book, and rowed the book over to the other side, where the library was.",
    ])  # fmt: skip
    cleaned = clean(text).text
    assert "rowed the book over" in cleaned
    assert "Subscribe" not in cleaned


def test_what_stood_beside_a_menu_is_looked_at_again() -> None:
    """Cleaning what is clean finds nothing, where one look alone left "Zugriffe: 3122" under a menu."""
    rows = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    texts = ["\n".join(row["lines"]) for row in rows if row["id"] in (
        "gold:de:glossar-wind", "gold:en:ask-aunt-vera", "gold:sv:recension")]
    once = [one.text for one in clean_batch(texts)]
    assert len(once) == 3
    assert once == [one.text for one in clean_batch(once)]
