"""Text that is broken at a fixed width is read by paragraphs, and stands in the output as it stood."""

from __future__ import annotations

import random
import textwrap

import pytest

from corpuskit.cleaning import clean_batch
from corpuskit.cleaning.wrapping import unwrapped

_PARAGRAPHS = """
The mill had stood still since the spring, and those who came by said that it was the water; but the water came as it had \
always come, under the road and past the alders, and turned aside only where the old sluice had given way.
Nobody had looked after the sluice. The miller said that it was the business of the parish, and the parish, whose clerk was \
the brother of the miller, said that it had written a letter, and that one would have to wait for what became of it.
So they waited. In the kitchen the flour was weighed out by the spoon, and my aunt, who had never in her life bought a loaf, \
went down to the station every second day and came back with something white under her arm that she did not care to name.
I have a photograph of her from that year. She is standing before the wheel with her hands behind her back, as one stands \
before somebody who has died, and on the back of it is written in her own hand: he would have laughed at us all.
""".strip().split("\n")
_RESIDUE = ["Subscribe to our newsletter", "Share this article", "Copyright 2021 The Lower Valley Post. All rights reserved."]


def _wrapped(paragraphs: list[str], width: int, joint: str = "\n\n", indent: str = "") -> str:
    return joint.join("\n".join(textwrap.wrap(one, width, initial_indent=indent)) for one in paragraphs) + "\n"


@pytest.mark.parametrize("width", [45, 60, 72, 90])
@pytest.mark.parametrize(("joint", "indent"), [("\n\n", ""), ("\n", "   "), ("\n", "")])
def test_a_paragraph_is_one_line_again(width: int, joint: str, indent: str) -> None:
    """Each paragraph is read whole, whether blank lines, an indent or its short last line tells where it ends."""
    read = unwrapped(_wrapped(_PARAGRAPHS, width, joint, indent))
    missing = [one for one in _PARAGRAPHS if one not in [line.strip() for line in read.split("\n")]]
    assert len(missing) <= (0 if indent or joint == "\n\n" else 2)  # a last line may happen to be full


def test_only_breaks_become_blanks() -> None:
    """Whatever the text is, what is read is as long and differs from it where a break was."""
    draw = random.Random(5)
    for _ in range(400):
        words = [draw.choice(["a", "of", "river", "Stone.", "“Oh", "—", "1.", "\u3042\u3044", "x" * 50]) for _ in range(160)]
        text = draw.choice([" ", "\n"]).join(textwrap.wrap(" ".join(words), draw.randrange(20, 130)))
        text = text.replace(" ", "\n", draw.randrange(8)) + draw.choice(["", "\n", "\n\n", " \n"])
        read = unwrapped(text)
        assert len(read) == len(text)
        assert all(one == other or (one, other) == (" ", "\n") for one, other in zip(read, text, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(_PARAGRAPHS),
        "The rain came up the valley in the night\nAnd nobody was there to put out the light,\n"
        "The wheel went round with nothing in the mill,\nAnd if you listen you can hear it still:\n" * 6,
        "\n".join(f"The {name} is kept in the drawer under the window, left." for name in "abcdefghijklmnop"),
        "\n".join(f"- {one}" for one in textwrap.wrap(" ".join(_PARAGRAPHS), 60)),
        "def turn(wheel: Wheel) -> None:\n    wheel.angle += 1\n    return None\n\n" * 10,
        "“Is it the water?”\n“It is not the water.”\n“Then what is it?”\n“Ask the parish.”\n" * 8,
        "", "\n", "x",
    ],
    ids=["paragraphs", "verse", "sentences", "list", "code", "dialogue", "empty", "break", "letter"],
)  # fmt: skip
def test_other_texts_are_read_as_they_are(text: str) -> None:
    """Lines that are no pieces of paragraphs stay lines."""
    assert unwrapped(text) == text


def test_text_without_blanks_between_words() -> None:
    """A Japanese line goes on where it is full: its words are characters."""
    sentence = "水車は春からとまったままで、通りかかる人はみな水のせいだと言ったが、水はいつものように流れてきた。"
    lines = textwrap.wrap(sentence * 8, 40)
    assert unwrapped("\n".join(lines)) == " ".join(lines)


def test_what_a_line_begins_with_is_no_beginning() -> None:
    """Middles of sentences that look like residue stay; residue goes, and the breaks of what stays are where they were."""
    under = (
        "The picture in the hall of the parish had a line under it that all of the village, the miller and his brother "
        "among them, knew by heart. Photo: Kessel. It did not say that one of the two farmers in it had a dead lamb under "
        "his coat, and nobody asked."
    )
    text = _wrapped([_PARAGRAPHS[0], under, *_PARAGRAPHS[1:], *_RESIDUE], 72)
    assert "\nPhoto: Kessel. It did" in text
    cleaned = clean_batch([text])[0]
    assert cleaned.text.rstrip("\n") == text[: text.index("\n\n" + _RESIDUE[0])]
    assert {edit.removed.strip() for edit in cleaned.ledger} >= set(_RESIDUE)
