"""What two texts have in common: long stretches, wherever they stand, and not clauses from all over a long text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.duplicates.verify import COPIES, verify

WHO = "the lamplighter|our cousin|the goatherd|a sexton|the ropemaker|two pedlars|the apothecary|my landlady|the fiddler"
DID = "counted|hid|mended|weighed|sold|painted|dragged|borrowed|buried|praised"
WHAT = (
    "the iron lid of the cistern|eleven bolts of grey linen|a chart of the southern shoals|the harness of the dead mule|"
    "the last sack of seed barley|a crate of unsigned letters|the pendulum of the town clock|some bread for the long road"
)
WHEN = (
    "while the toll gate was still shut|before the eels came up the canal|although nobody had asked about it|"
    "because the bishop was expected by noon|until the frost broke the mill race|after the second ferry had gone down"
)


def form(seed: int, sentences: int) -> str:
    """Sentences of one form, each part drawn by itself."""
    draw = random.Random(seed)
    parts = [part.split("|") for part in (WHO, DID, WHAT, WHEN)]
    return " ".join(" ".join(draw.choice(part) for part in parts).capitalize() + "." for _ in range(sentences))


def prose(seed: int, words: int) -> str:
    """Words drawn at random: no passage of one stands in another."""
    return " ".join(random.Random(seed).choices([f"w{at}" for at in range(4000)], k=words))


def common(a: list[str], b: list[str]) -> int:
    """Words in the longest run that stands in both; 0 below five."""
    best, before = 0, [0] * (len(b) + 1)
    for word in a:
        row = [0, *(before[at] + 1 if word == other else 0 for at, other in enumerate(b))]
        best, before = max(best, *row), row
    return best if best >= 5 else 0


ALMANAC = form(1, 1000)


@pytest.mark.parametrize("seed", range(100, 110))
def test_a_text_whose_clauses_stand_all_over_a_long_one_is_no_copy_of_it(seed: int) -> None:
    """Each clause of the day stands somewhere in the almanac of the year, the day does not."""
    day = form(seed, 18)
    edge = verify(day, ALMANAC)
    assert edge.kind not in COPIES
    assert edge.coverage < 0.8
    assert edge.longest == common(*(text.lower().replace(".", "").split() for text in (day, ALMANAC)))


@pytest.mark.parametrize("sentences", [3, 18, 300])
def test_a_part_of_a_long_text_in_one_form_is_contained_in_it(sentences: int) -> None:
    """However often the clauses of an excerpt stand elsewhere, it stands where it was taken from."""
    whole = ALMANAC.split(". ")
    part = ". ".join(whole[500 : 500 + sentences])
    edge = verify(part, ALMANAC)
    assert (edge.kind, edge.coverage, edge.longest) == ("contained", 1.0, len(part.split()))


def test_an_edited_part_of_a_long_text_in_one_form_is_contained_in_it() -> None:
    """Sentences left out, and a word exchanged here and there: the stretches between them stand in their place."""
    whole = ALMANAC.split(". ")
    sentences = [sentence for at, sentence in enumerate(whole[400:480]) if at % 7]
    sentences[::6] = [f"and {sentence}" for sentence in sentences[::6]]
    assert verify(". ".join(sentences), ALMANAC).kind == "contained"


def test_paragraphs_may_stand_in_another_order() -> None:
    """Paragraphs turned round, a text cut in two: the same text, both ways; the longest passage is a paragraph."""
    paragraphs = [prose(at, 40 + 7 * at) for at in range(8)]
    text, turned = "\n\n".join(paragraphs), "\n\n".join(paragraphs[::-1])
    edge = verify(turned, text)
    assert (edge.kind, edge.coverage, edge.coverage_back, edge.longest) == ("near", 1.0, 1.0, 89)
    assert verify("\n\n".join(paragraphs[4:] + paragraphs[:4]), text).kind == "near"
    assert verify("\n\n".join(paragraphs[1::2][::-1]), text).kind == "contained"


def test_lines_with_residue_between_them_are_in_their_place() -> None:
    """Verses of eight words, in the other text each with a number and a label."""
    verses = [prose(at, 8) for at in range(30)]
    numbered = "\n".join(f"{at} {verse}\nshare this line" for at, verse in enumerate(verses))
    assert verify("\n".join(verses), numbered).kind == "contained"


def test_short_pieces_count_beside_stretches_and_not_alone() -> None:
    """Captions that the other extractor put elsewhere are no reason to keep both; a text made of such is no copy."""
    body, captions = prose(1, 300), [prose(at, 12) for at in range(10, 30)]
    page = "\n".join(captions[::-1]) + "\n" + prose(2, 400) + "\n" + body
    assert verify(body + "\n" + "\n".join(captions[:5]), page).kind == "contained"
    edge = verify("\n".join(captions[::2] + captions[1::2]), page)
    assert (edge.kind, edge.coverage, edge.longest) == ("none", 0.0, 12)


def test_a_refrain_does_not_tear_the_longest_passage() -> None:
    """Words that stand in the other text before, too, belong to the passage that they stand in."""
    refrain = "and so the river took its toll"
    text = f" {refrain} ".join(prose(at, 30) for at in range(5))
    assert verify(text, f"{refrain} {prose(9, 50)} {text}").longest == len(text.split())


few = st.lists(st.sampled_from(["tide", "net", "rope", "oar"]), max_size=40)


@given(few, few, few, few)
def test_the_longest_passage_stands_in_both_and_none_is_longer(a: list[str], b: list[str], c: list[str], d: list[str]) -> None:
    """In texts that repeat themselves much, with passages in another order; and it is the same both ways."""
    one, two = [*a, *b, *c], [*c, *d, *a]
    edge, back = verify(" ".join(one), " ".join(two)), verify(" ".join(two), " ".join(one))
    assert edge.longest == back.longest
    assert edge.kind == "exact" or edge.longest == common(one, two)
