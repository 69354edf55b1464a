"""The decision on the texts: what is a copy, and above all what is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.duplicates.options import Options
from corpuskit.duplicates.verify import COPIES, Kind, differences, read, read_all, verify

ESSAY = """
The harbour at Lindholm was built for herring, and when the herring went it had to learn other
trades. My grandmother remembered the year the last smokehouse closed. She said the smell stayed in the
timber for a decade, and that on wet mornings the whole street still woke up hungry.

What came after was slower. A boatyard took over the quay and turned out small ferries, two in a good year.
The men who had hauled nets learned to rivet, badly at first, and the women who had gutted fish kept the
accounts, because somebody had noticed that they could add in their heads faster than the clerk could on
paper. Nobody wrote this down. I know it because it was told at our table so often that the children could
recite it.

There is a photograph of the yard in which everybody is squinting. The sun stands behind the photographer,
so his shadow lies across the front row, a tall man in a hat reaching out to touch their shoes. As a child I
thought that he was one of us. Later I learned that he had been sent by the bank to count what could be
sold, and that he had apparently liked the light.

I went back last spring. The slipway has been paved, and a cafe sells smoked fish that comes from another
sea altogether. The waiter was kind and had never heard of any yard. Outside, on the timber of the old net
store, I put my nose against the boards like a dog, and I will swear to anyone that it is still there.
""".strip()

ANOTHER = """
Keeping bees on a roof is mostly a matter of stairs. Every frame, every jar and every bucket
of syrup has to be carried up six floors, and in July the honey has to be carried down again, which is
worse, because by then it is heavy and one is pleased with oneself. Neighbours ask whether the bees find
anything to eat in the city. They find lime trees, privet, the balconies of the retired, and a brewery yard
that I would rather not know about.
""".strip()

NOTICE = """
The reading room will be closed on {day} for the yearly cleaning of the shelves. Books that
were ordered for this day can be fetched on the following morning from nine o'clock at the front desk. The
evening lecture by {speaker} takes place as planned in the hall of the town museum, and seats are given out
at the door from half past six on. Members of the society enter free of charge, guests pay {price} crowns.
We ask for your patience and thank all volunteers who have given their time to the house in this long and
eventful season of repairs.
""".strip()


def kind(a: str, b: str) -> Kind:
    """What `a` is to `b`."""
    return verify(a, b).kind


def halves(text: str) -> tuple[str, str]:
    """The first two paragraphs and the rest."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:])


def test_a_text_is_an_exact_copy_of_itself_in_another_dress() -> None:
    """Case, line breaks and punctuation are not what a text says."""
    assert kind(ESSAY.upper().replace("\n", " ").replace(",", " –"), ESSAY) == "exact"


def test_a_copy_with_another_byline_is_near() -> None:
    """What one publisher puts over a text does not make it another."""
    assert kind("By our correspondent\n\n" + ESSAY, ESSAY + "\n\nFirst printed in the yearbook.") == "near"


def test_a_copy_edited_by_a_light_hand_is_near() -> None:
    """Some exchanged words, none of them a fact."""
    edited = ESSAY.replace("a decade", "ten years").replace("the whole street", "all the street")
    edited = edited.replace("squinting", "blinking").replace("altogether", "entirely")
    assert kind(edited, ESSAY) == "near"


def test_an_excerpt_is_contained_in_the_whole_and_not_the_other_way_round() -> None:
    """A stub goes when the essay stays; the essay never goes for its stub."""
    first, _ = halves(ESSAY)
    assert kind(first, ESSAY) == "contained"
    assert kind(ESSAY, first) == "related"


def test_an_excerpt_is_found_in_a_text_fifty_times_its_length() -> None:
    """A chapter that stands in a book is contained, however long the book."""
    book = "\n\n".join([" ".join(random.Random(1).choices(ANOTHER.split(), k=6000)), ESSAY, ANOTHER])
    assert kind(ESSAY, book) == "contained"


def test_a_good_sentence_more_blocks_the_drop() -> None:
    """Twenty-five words in a row that the kept text lacks are reason enough to keep both."""
    more = (
        " The river behind it froze that winter for the first time in living memory, and on the ice somebody had"
        " drawn a chessboard on which two old men were already quarrelling about a knight."
    )
    whole = "\n\n".join([ESSAY, ANOTHER, NOTICE, ANOTHER.upper()[::-1]])
    longer = whole.replace("I went back last spring.", "I went back last spring." + more)
    edge = verify(longer, whole)
    assert (edge.kind, edge.reason) == ("related", "a passage of it is missing in the other text")
    assert kind(whole, longer) == "near"


def test_chance_words_do_not_break_a_new_passage_into_harmless_pieces() -> None:
    """Five words that happen to stand in the kept text do not divide a new passage of forty."""
    more = (
        " Of the later owners only the dentist is remembered, who filled the hall with plaster casts, and who was"
        " built for herring and when he laughed, because he kept the windows shut against draughts all year round."
    )
    whole = ESSAY + "\n\n" + ANOTHER + "\n\n" + NOTICE + "\n\n" + ESSAY
    edge = verify(whole.replace("I went back last spring.", "I went back last spring." + more, 1), whole)
    assert (edge.kind, edge.reason) == ("related", "a passage of it is missing in the other text")


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "Monday, May 5"},
        {"speaker": "Ingrid Sund"},
        {"price": "40"},
        {"day": "Monday, May 5", "speaker": "Ingrid Sund", "price": "40"},
    ],
)
def test_one_form_filled_in_twice_makes_two_texts(changes: dict[str, str]) -> None:
    """A template shared by unrelated texts: the slot is what they say."""
    fields = {"day": "Friday, June 13", "speaker": "Per Holm", "price": "60"}
    edge = verify(NOTICE.format(**fields | changes), NOTICE.format(**fields))
    assert (edge.kind, edge.reason) == ("related", "numbers or names differ")


@pytest.mark.parametrize("at", ["start", "end"])
def test_the_slot_of_a_short_form_may_stand_at_its_end(at: str) -> None:
    """In a short notice the first and last words are the date or the place."""
    body = " ".join(NOTICE.format(day="that day", speaker="the chair", price="sixty").split()[8:70])
    one, two = (f"{x}. {body}" if at == "start" else f"{body} {x}" for x in ("Oslo 4", "Turku 9"))
    assert kind(one, two) == "related"


def test_an_accent_or_a_missing_space_is_no_other_fact() -> None:
    """The same name, spelled or spaced by another hand, does not make another text."""
    plain = NOTICE.format(day="Friday, June 13", speaker="Zdenek Novak of Olomouc", price="60")
    assert kind(plain.replace("Zdenek Novak", "Zdeněk Novák"), plain) == "near"
    assert kind(plain.replace("Olomouc takes", "Olomouctakes"), plain) == "near"


@pytest.mark.parametrize("lost", ["?", "\ufffd"])
@pytest.mark.parametrize(("name", "spoilt"), [("Dvořák", "Dvo*ák"), ("Łódź Street", "**dź Street"), ("Tomáš-Eva", "Tomá*-Eva")])
def test_letters_lost_in_an_encoding_make_no_other_fact(name: str, spoilt: str, lost: str) -> None:
    """A name whose letters one copy could not write is the same name, on whichever side they are missing."""
    texts = [
        NOTICE.format(day="Friday, June 13", speaker=speaker, price="60") for speaker in (name, spoilt.replace("*", lost))
    ]
    assert kind(texts[0], texts[1]) == kind(texts[1], texts[0]) == "near"


@pytest.mark.parametrize(("one", "two"), [("Per Ho?m", "Per Hovden"), ("Ada L?nd", "Ada Lennart"), ("Nils 1?2", "Nils 132")])
def test_a_lost_letter_does_not_make_two_names_one(one: str, two: str) -> None:
    """What is left of the name must fit; a digit is no lost letter."""
    texts = [NOTICE.format(day="Friday, June 13", speaker=speaker, price="60") for speaker in (one, two)]
    assert kind(texts[0], texts[1]) == kind(texts[1], texts[0]) == "related"


def test_a_list_of_notices_holds_those_that_stand_in_it_and_no_other() -> None:
    """Where a form stands many times in the kept text, the notice is held only when its own date is there."""
    days = ["Monday, May 5", "Friday, June 13", "Sunday, July 20"]
    page = "\n\n".join(NOTICE.format(day=day, speaker="Per Holm", price="60") for day in days)
    assert kind(NOTICE.format(day=days[1], speaker="Per Holm", price="60"), page) == "contained"
    assert kind(NOTICE.format(day="Sunday, May 20", speaker="Per Holm", price="60"), page) == "related"


def test_the_capital_of_a_sentence_is_no_name() -> None:
    """An editor who begins a sentence otherwise has not exchanged a fact."""
    plain = NOTICE.format(day="that day", speaker="the chair", price="sixty")
    assert kind(plain.replace("Members of the", "The members of our"), plain) == "near"


def test_a_label_where_the_other_text_has_a_long_insert_is_no_fact() -> None:
    """One extractor left "Advertisement", the other the post that was embedded there."""
    plain = NOTICE.format(day="that day", speaker="the chair", price="sixty")
    at = "We ask for"
    labelled, posted = (plain.replace(at, f"{insert}\n{at}") for insert in ("Publicidad", ANOTHER))
    assert kind(labelled, posted) == "contained"


def test_an_edited_copy_of_some_length_may_correct_a_name() -> None:
    """One exchanged fact in 250 words is an editor's correction."""
    assert kind(ESSAY.replace("at Lindholm", "at Lindholmen"), ESSAY) == "near"


def test_a_sequel_that_opens_with_the_old_text_is_not_a_copy_of_it() -> None:
    """What shares its first half and goes on differently stays."""
    first, second = halves(ESSAY)
    assert kind(first + "\n\n" + ANOTHER, first + "\n\n" + second) == "related"


def test_a_text_that_quotes_another_at_length_is_not_a_copy_of_it() -> None:
    """A review with a long quotation stays beside the essay that it quotes."""
    review = ANOTHER + "\n\nOr, as one essay has it:\n\n" + ESSAY.split("\n\n")[1]
    assert kind(review, ESSAY) not in COPIES
    assert kind(ESSAY, review) not in COPIES


def test_the_same_words_in_another_order_are_another_text() -> None:
    """Shared vocabulary is not shared text."""
    words = ESSAY.split()
    random.Random(4).shuffle(words)
    assert kind(" ".join(words), ESSAY) == "none"


def test_a_sentence_is_never_an_excerpt() -> None:
    """Below twenty words only an exact copy counts: a saying stands in other texts by right."""
    sentence = "She said the smell stayed in the timber for a decade."
    assert kind(sentence, ESSAY) == "related"
    assert kind(sentence, sentence.lower()) == "exact"


def test_words_of_scripts_without_spaces_are_compared_one_by_one() -> None:
    """A text without spaces and without capitals is covered and told apart like any other."""
    text = "港は鰊のために造られ、鰊が去ると別の仕事を覚えねばならなかった。"
    text += "祖母は最後の燻製小屋が閉じた年を覚えていた。"
    assert kind(text, text + "それから長い年月が過ぎて、町は静かになった。") == "contained"
    assert kind(text.replace("祖母", "伯父"), text) == "related"


def test_differences_are_shown_longest_first() -> None:
    """What each text has alone, as it stands in the text, on one line."""
    one = ESSAY.replace("two in a good year", "two in a good\nyear, three at most, never four")
    lost, gained = differences(one, ESSAY + " The end of it all.")
    assert lost == ("three at most, never four",)
    assert gained == ("The end of it all",)


def test_reading_many_is_reading_each() -> None:
    """Prepared in a batch or alone, a text is compared the same way."""
    texts = [ESSAY, "", ANOTHER, "one", halves(ESSAY)[0]]
    for a, text in zip(read_all(texts), texts, strict=True):
        assert verify(read(text), read(ESSAY)) == verify(a, ESSAY)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_read(a: str, b: str) -> None:
    """Hostile or empty, every pair has an edge, and only equal words make it exact."""
    edge = verify(a, b)
    assert 0.0 <= edge.coverage <= 1.0
    assert 0.0 <= edge.coverage_back <= 1.0
    assert (edge.kind == "exact") == (read(a).digest == read(b).digest)


VOCABULARY = ["tide", "net", "rope", "oar", "mast", "keel", "sail", "hull"]
words = st.lists(st.sampled_from(VOCABULARY), max_size=120).map(" ".join)


@given(words, words)
def test_a_copy_lacks_little(a: str, b: str) -> None:
    """Whatever is called a copy is covered as far as the options ask, and lacks no long passage."""
    edge = verify(a, b)
    if edge.kind in COPIES:
        assert edge.coverage >= Options().min_coverage - 0.001
        assert edge.lacking < Options().max_passage


@given(words, words)
def test_both_ways_of_counting_coverage_agree(a: str, b: str) -> None:
    """The share of `b` that `a` covers is the share found when `b` is read against `a`."""
    assert verify(a, b).coverage_back == verify(b, a).coverage
