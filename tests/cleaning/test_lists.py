"""Lists that the text announces stay, however much their items look like the furniture of a page."""

from __future__ import annotations

from corpuskit.cleaning.facts import gather
from corpuskit.cleaning.tables import announced_lines

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
