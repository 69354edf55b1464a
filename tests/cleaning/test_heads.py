"""What stands above the text: title, section, the author's name; which of these go, and which stay."""

from __future__ import annotations

import numpy as np
import pytest

from corpuskit.cleaning import Options
from corpuskit.cleaning.line_model import Scores
from corpuskit.cleaning.phases import Cleaner, Owner, cleaner
from corpuskit.cleaning.rules import loader
from corpuskit.model import Candidate
from corpuskit.words import Words

PARAGRAPH = (
    "The lamp on the quay was lit once more, and then nobody had oil for it, and the boats that came in at night "
    "came in by the smell of the bakery, which was the only house that never closed its door to the sea."
)
SECOND = (
    "In the second winter the baker moved away. The boats stayed out until the morning after that, and the people on "
    "the quay learnt to tell the hour by the cold in their hands, and said that it had been better with the bread."
)


def author(name: str) -> Owner:
    """An owner whose author came with the text."""
    return Owner("harbour", (Candidate("author", name, "given", "column author", confidence=1.0),))


def left(text: str, owner: Owner | None = None) -> list[str]:
    """The filled lines that cleaning leaves of `text`."""
    cleaned = cleaner(Options()).clean([text], [owner or Owner()])[0]
    return [line for line in cleaned.text.split("\n") if line.strip()]


def test_a_given_author_alone_on_a_line_goes() -> None:
    """The name that came with the document is no part of the text, and stays a field."""
    text = f"What the tide knew\nMara Voss\n{PARAGRAPH}\n{SECOND}"
    assert ["What the tide knew", PARAGRAPH, SECOND] == left(text, author("Mara Voss"))


def test_the_note_about_a_given_author_goes() -> None:
    """A note at the end that begins with the name that came with the document is about the author."""
    text = f"What the tide knew\n{PARAGRAPH}\n{SECOND}\nMara Voss keeps bees and reads maps."
    assert ["What the tide knew", PARAGRAPH, SECOND] == left(text, author("Mara Voss"))
    assert ["What the tide knew", PARAGRAPH, SECOND, "Mara Voss keeps bees and reads maps."] == left(text)


@pytest.mark.parametrize("title", ["The Number Nine", "Der Lange Weg", "Mara Voss"])
def test_the_title_is_not_taken_for_a_name(title: str) -> None:
    """A title of capitalised words stays, also when a date follows it."""
    assert [title, PARAGRAPH, SECOND] == left(f"{title}\n3 May 2021\n{PARAGRAPH}\n{SECOND}")


def test_a_person_of_the_text_is_not_its_author() -> None:
    """A name that the text speaks of stays above it: it may be a heading."""
    text = f"Three keepers of the light\nMara Voss\n{PARAGRAPH} So said Mara Voss.\n{SECOND}"
    assert "Mara Voss" in left(text)


def test_a_section_stays_where_nothing_else_can_be_the_title() -> None:
    """"Letters" above a paragraph is the title, unless a title came with the document."""
    text = f"LETTERS\n{PARAGRAPH}\n{SECOND}"
    given = Owner("harbour", (Candidate("title", "In praise of the quay", "given", "column title", confidence=1.0),))
    assert ["LETTERS", PARAGRAPH, SECOND] == left(text)
    assert [PARAGRAPH, SECOND] == left(text, given)
    own = Owner("harbour", (Candidate("title", "Letters", "given", "column title", confidence=1.0),))
    assert ["LETTERS", PARAGRAPH, SECOND] == left(text, own)


def test_the_line_model_leaves_a_title() -> None:
    """However sure the line model is of all the short lines above the text, the last of them stays."""

    class Sure:
        """Finds every line but paragraphs very likely to be residue."""

        def score(self, _: object, marks: object, found: Words, *floors: object) -> object:
            """Return a probability of .97 for each short line."""
            chances = np.where(found.line_ends - found.line_starts < 80, 0.97, 0.0)
            lines = tuple(chances[found.line_docs == number] for number in range(len(found.doc_starts) - 1))
            return Scores(lines, np.zeros((0, 0), np.float32), np.zeros(0), np.zeros(0, np.int64), np.zeros(1, np.int64))

        def reasons(self, _: object, lines: list[tuple[int, int]]) -> list[list[tuple[str, float]]]:
            """Return no reasons."""
            return [[] for _ in lines]

    taught = Cleaner(loader.load(), Options(), Sure())  # type: ignore[arg-type]
    text = f"Plot nine\nSundays\n{PARAGRAPH}\n{SECOND}"
    assert f"Sundays\n{PARAGRAPH}\n{SECOND}" == taught.clean([text])[0].text
