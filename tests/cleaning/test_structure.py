"""Detectors that look at a line among its neighbours: what the examples of their rules do not say."""

from __future__ import annotations

import pytest

from corpuskit.cleaning import clean
from corpuskit.cleaning.options import Options

RULES = Options(model=False)

LAMP = (
    "The lamp on the quay was lit once more, and then nobody had oil for it, and the boats that came in at night came in by "
    "the smell of the bakery, which was the only house that never closed its door to the sea, and nobody minded."
)
BAKER = (
    "In the second winter the baker moved away, and the boats stayed out until the morning, and the people on the quay learnt "
    "to tell the hour by the cold in their hands, and said that it had been better with the bread."
)
NOTE = "Mara Voss, who grew up on the quay, is the owner of a small press and of three boats that leak."


def removed(*lines: str) -> list[str]:
    """What the rules take out of these lines, whole lines only."""
    left = clean("\n".join(lines), RULES).text.split("\n")
    return [line for line in lines if line not in left]


def test_a_note_on_the_author_closes_a_text() -> None:
    """A note goes with what goes on about the same name below it."""
    more = "When she is not at the press, Mara rows to the island with two dogs and a basket of bread for the keeper there."
    assert removed("The lamp", "A text", LAMP, BAKER, NOTE) == [NOTE]
    assert removed("The lamp", "A text", LAMP, BAKER, NOTE, more) == [NOTE, more]


def test_whom_the_article_names_it_is_about() -> None:
    """The last paragraph of a portrait is no note."""
    portrait = LAMP + " Only Voss had a key to it."
    assert removed("The lamp", "A text", portrait, BAKER, NOTE) == []


def test_a_text_that_goes_on_has_no_note() -> None:
    """Below a note on the author nothing stands but labels."""
    assert removed("The lamp", "A text", LAMP, NOTE, BAKER) == []


def test_contents_name_their_sections() -> None:
    """A list of contents above the text is no copy of its headings."""
    contents = ("Why the lamp went out", "What the baker said", "The only three boats")
    assert (
        removed(
            "The lamp", "An essay in three parts", "In this piece:", "And more", *contents, contents[0], LAMP, BAKER
        )
        == []
    )


@pytest.mark.parametrize(
    "between", [(), ("What nobody told us about the quay, and why it was so cold there that year",)]
)
def test_a_title_once_more(between: tuple[str, ...]) -> None:
    """A title goes when it stands again, also below a caption or a standfirst; the first stays."""
    title = "What the ferryman knew about rain"
    text = clean("\n".join(("At the pier", title, *between, title, LAMP, BAKER)), RULES).text
    assert text.count(title) == 1
    assert LAMP in text


def test_teasers_that_are_the_page() -> None:
    """A page that is nothing but texts that break off is left as it is."""
    teasers = [
        line
        for name in ("Piers", "Ropes", "Oars")
        for line in (name, f"Here is what everybody says of {name.lower()} when the boats are in and there is nothing to…")
    ]
    assert removed(*teasers) == []
    assert removed("The lamp", LAMP, BAKER, *teasers) == teasers


def test_a_chorus_stands_twice() -> None:
    """Lines without a sentence among them may repeat, however many there are."""
    chorus = (
        "Oh the ferry, oh the rain",
        "take me over once again",
        "to the harbour, to the light",
        "row me over through the night",
        "row me over",
    )
    text = "\n".join((LAMP, *chorus, BAKER, *chorus))
    assert clean(text, RULES).text == text


REMARKS = (
    "• rope_and_tar", "Oil was never the trouble here, lol.", "LikeLike",
    "• ferrywoman", "My aunt sold him the flour.", "LikeLike",
    "• rope_and_tar", "Then she knew him well enough.", "LikeLike",
    "• oldquay", "Nobody knew him, and he liked it so.", "LikeLike",
)  # fmt: skip


def test_a_thread_begins_above_its_first_button() -> None:
    """The first remark stands above the first button, where a bullet opens each."""
    assert removed("The lamp", LAMP, BAKER, *REMARKS) == list(REMARKS)


def test_who_says_what_above_the_label_of_all_remarks_is_quoted() -> None:
    """The thread begins below its label."""
    said = ("Carolin says:", "It rings at four, and then it is quiet until the boats come in.", BAKER)
    thread = [
        line
        for n, who in enumerate(("BastienNo Gravatar", "CalNo Gravatar", "Ida", "Bohol Guy", "Yaz Okulu"), 2)
        for line in (f"{n}. {who} says:", f"Thanks for sharing this, nice post, I will try it at home {n} times!!! :)")
    ]
    label = ("6 Responses to “The lamp”", "1. [...] The lamp on the quay has another great post [...]")
    gone = lost("The lamp", LAMP, LAMP.replace("lamp", "buoy"), *said, *label, *thread)
    assert not [line for line in said[1:] if line in gone]
    assert thread[0] in gone


def test_a_thread_that_the_text_goes_on_below_is_part_of_it() -> None:
    """A play may have lines that are a button elsewhere."""
    below = [f"{n} {BAKER}" for n in range(22)]
    assert REMARKS[1] not in removed("The lamp", LAMP, BAKER, *REMARKS, *below)


def test_remarks_outweigh_an_article_only_where_the_line_model_doubts_them() -> None:
    """A diary has a date above each day, may have a long preface, and stand below a link to its comments."""
    days = [line for day in range(1, 9) for line in (f"May {day}, 2020 at 12:40", f"{day} {LAMP}", f"{day} {BAKER}")]
    gone = removed("The lamp", LAMP, BAKER, LAMP + " So it was.", "Comments", *days)
    assert not [line for line in gone if LAMP in line or BAKER in line]


def test_a_log_and_a_talk_of_many_voices_are_no_thread() -> None:
    """Their headers are those of a thread, and what stands between them is told."""
    log = [
        line
        for n, seen in enumerate(("A light off the point.", "The same light.", "Three short ones.", "Nothing, and no moon."), 3)
        for line in (f"{n} May 1911, 4.{n}0", seen)
    ]
    voices = [
        line
        for n, name in enumerate(("Wilf", "Ida", "Anselm", "Bo"), 1)
        for line in (f"{n}. {name} says:", f"It was {n} miles to the well.")
    ]
    for told in (log, voices):
        text = "\n".join(("The lamp", LAMP, BAKER, *told, LAMP + " So it was."))
        assert not [one for one in clean(text).ledger if one.rule.startswith("comment.any.thread")]


SEA = (
    "It was the last winter in which there was any ice, and I have kept the notebook, with the hours in it, because I believe "
    "that somebody will ask for it one day."
)


def lost(*lines: str) -> list[str]:
    """What a user's cleaning takes of these lines, line model included."""
    text = "\n".join(lines)
    gone = {at for edit in clean(text).ledger for at in range(edit.start, edit.end)}
    start, found = 0, []
    for line in lines:
        found += [line] if start in gone else []
        start += len(line) + 1
    return found


def test_an_essay_in_parts_has_no_remarks_below_their_number() -> None:
    """A number in words heads a part, one in digits counts remarks, unless the line model doubts neither."""
    assert lost(LAMP, "Three responses to “The Tide”", BAKER, SEA)[1:] == []
    remarks = ("Lol, nice post!!!", "Thanks for sharing this :)")
    assert lost(LAMP, BAKER, "2 responses to “The Tide”", *remarks) == ["2 responses to “The Tide”", *remarks]


def test_first_lines_of_books_are_no_teasers_where_the_text_goes_on() -> None:
    """A list of beginnings breaks off as teasers do."""
    first = ("Salt", "I had been told to count the sacks, and there was one too many, and when…",
             "The Drowned", "There are three kinds of drowned men, and it is only of the second that…")  # fmt: skip
    assert lost("First lines", LAMP, BAKER, *first, SEA) == []


def test_a_notice_that_a_paragraph_announces_is_quoted() -> None:
    """And the sentence below it closes the text."""
    said = LAMP + " On the door it said what all doors said:"
    closing = "Three words, on a Friday. He had put on his coat, and asked where the conversation had gone."
    assert lost("The door", BAKER, said, "Comments are closed.", closing) == []


def test_a_postscript_is_the_authors() -> None:
    """Whatever stands below a signature and speaks to somebody."""
    assert lost("A letter", LAMP, BAKER, "Yours, J. M.", "P.S. I thank you for the pears.") == ["Yours, J. M."]


@pytest.mark.parametrize(
    "line", ["I did not answer him that day.", "She had told him so every evening of her life.", "Nobody came."]
)
def test_what_an_author_says_twice_stays(line: str) -> None:
    """One right below the other, beside a paragraph, as a picture's name and its caption stand: these the line model doubts."""
    assert lost("On lamps", LAMP, line, line, BAKER, SEA) == []



@pytest.mark.parametrize(
    "box",
    [
        ("Title: The Tide Table", "Author: Ida Fell", "Translated by: Bo Ito", "Publisher: Marrow Press", "Pages: 312"),
        ("Titel: Das Watt", "Autor: Jonte Behrends", "Verlag: Kleine Flut", "Seiten: 210", "Preis: 22 Euro"),
        ("Artist: The Ropes", "Label: Kelp Records", "Recorded: in a boathouse", "Released: May 2019"),
        ("Prep time: 5 minutes", "Cook time: 40 minutes", "Servings: 12 pieces", "Course: Dessert"),
        ("Zubereitungszeit: 20 Minuten", "Portionen: 4", "Schwierigkeit: leicht"),
    ],
)
def test_a_box_of_data_is_no_byline(box: tuple[str, ...]) -> None:
    """Who wrote the book is not who wrote the review."""
    assert lost("A review", *box, LAMP, BAKER, SEA) == []
    assert lost("A review", LAMP, BAKER, SEA, *box) == []
    assert lost("A review", "Author: Ida Fell", LAMP, BAKER, SEA) == ["Author: Ida Fell"]


def test_letters_go_both_ways() -> None:
    """Readers greet the author; of letters a second name is greeted again and again."""
    letters = (
        "Hi Lena,", "the ice holds. Come before Sunday.", "Love, Tom",
        "Hi Tom,", "not for me, I have the stall to mind.", "Love, Lena",
        "Hi Lena,", "then I shall wait.", "Love, Tom", "Hi Tom,", "I do not ask you to.", "Love, Lena",
    )  # fmt: skip
    assert not [edit for edit in clean("\n".join((LAMP, BAKER, SEA, *letters))).ledger if edit.rule == "comment.any.greetings"]


def test_an_essay_may_close_with_names() -> None:
    """Names of houses are no links, however much each looks like one."""
    names = ("Barking Twice", "Rose Cottage", "The Old Smithy", "Late Father", "Never Home", "Two Steps", "Says Nothing")
    body = (LAMP, BAKER, SEA, LAMP.replace("lamp", "light"), BAKER.replace("second", "third"), SEA.replace("ice", "snow"))
    assert not [edit for edit in clean("\n".join((*body, *names))).ledger if edit.rule == "nav.any.doubted-tail"]


def test_dates_over_entries_stay() -> None:
    """The date of a page stands once or twice, that of a log over each entry."""
    entries = (
        "Fog since four, and the bell of the pilots over the bar.",
        "The same fog; the cook has counted the potatoes twice.",
        "We took soundings until the lead was lost, and then guessed.",
        "A gull on the rail, and so land somewhere.",
    )
    log = [line for n, entry in enumerate(entries, 3) for line in (f"{n} May 1911, 4:{n}0", entry)]
    assert lost("The log", LAMP, BAKER, *log, SEA) == []


def test_a_header_above_the_article_is_its_own_and_opens_no_thread() -> None:
    """So a blog has one above a post and one above each remark; a diary has one above each day."""
    spoken = [
        f"Posted by {name}, 4 May 2020 at 12:4{place}\n{said}"
        for place, (name, said) in enumerate(
            {
                "ropeman": "Lol, nice post!!! Thanks for sharing this with us :)",
                "ida77": "I think that the bakery was on the other side of the road, wasn't it?",
                "tarry": "@ida77 I totally agree with you, you are so right!",
                "guest": "Great blog, keep it up! My aunt sold him the flour and she says that he was rude.",
            }.items()
        )
    ]
    text = "\n".join(("Posted by Ida Fell, 3 May 2020 at 12:40", LAMP, BAKER, *spoken))
    thread = [text[one.start : one.end] for one in clean(text).ledger if one.rule.startswith("comment.any.thread")]
    assert "".join(thread) == "\n".join(spoken)
    days = [line for day in range(1, 6) for line in (f"May {day}, 2020 at 12:40", f"{day} {LAMP}", f"{day} {BAKER}")]
    assert not [line for line in removed("A diary", *days) if LAMP in line or BAKER in line]


def test_bullets_below_a_label_are_one_list() -> None:
    """All go with the label, also where the text goes on; plain headlines may be the article's own subheads."""
    links = ("- The nine piers of Marrow and Fell", "- Why ropes are dear", "- A baker moves")
    plain = tuple(link[2:] for link in links)
    assert removed("The lamp", LAMP, "Related articles", *links, BAKER) == ["Related articles", *links]
    assert removed("The lamp", LAMP, "Related articles", *plain, BAKER) == ["Related articles", plain[0]]


def test_sentences_below_a_label_are_a_list_at_the_end_only() -> None:
    """What the author recommends stands in the middle of a text."""
    advice = ("- Take the early boat, which is never full.", "- Bring bread, for there is none on the island.")
    assert not set(advice) & set(removed("The lamp", LAMP, "Don't miss:", *advice, BAKER))
    assert removed("The lamp", LAMP, BAKER, "Don't miss:", *advice) == ["Don't miss:", *advice]


def test_headlines_with_summaries_go_to_the_end_of_the_page() -> None:
    """A label, and below it headlines, each with a sentence on its text."""
    teasers = (
        "Nine piers for the summer", "From Marrow to Fell, here is where to sit.",
        "Ropes get dearer", "Hemp has never cost so much as this spring.",
        "A baker moves away", "The ovens at Fell are for sale.",
    )  # fmt: skip
    assert removed("The lamp", LAMP, BAKER, "Related articles", *teasers) == ["Related articles", *teasers]
    assert "Ropes get dearer" not in removed("The lamp", LAMP, "Related articles", *teasers, BAKER)


def test_a_label_whose_links_are_gone_takes_nothing_of_the_article() -> None:
    """Neither the title, where nothing else above can be it, nor a subhead of few words; a headline goes."""
    assert removed("Related stories", "How the lamp on the long quay went out", LAMP, BAKER) == ["Related stories"]
    assert removed("The lamp", LAMP, "Read also:", "The old bakery", BAKER) == ["Read also:"]
    links = ["Read also:", "How the old bakery closed its door to the sea"]
    assert removed("The lamp", LAMP, *links, BAKER) == links


def test_headings_with_small_letters_are_no_names() -> None:
    """In Cyrillic, either: 'О музее' once more at the head of the last paragraph makes nobody the author."""
    for name, goes in (("О музее", False), ("Древность и причал", False), ("Марина Причал", True)):
        text = (
            "Лампу на причале зажгли ещё раз, и больше ни у кого не было масла, и лодки шли на запах хлеба из пекарни.",
            "Во вторую зиму пекарь уехал, и лодки оставались в море до утра, а люди учились узнавать час по холоду в руках.",
        )
        note = f"{name} пишет о верёвках и держит пчёл на восточном берегу."
        assert (name in removed("Что знала вода", name, *text, note)) == goes, name


def test_a_thread_longer_than_its_article_goes_where_its_numbers_agree_with_its_label() -> None:
    """Answers have numbers of their own, and remarks lose theirs; a list of another length is the text's."""
    remarks = [line for n in (1, 2, 4, 5, 6) for line in (f"{n}. {n} boats. {LAMP}", f"1. No, {n + 1} boats. {BAKER}")]
    assert removed("The lamp", LAMP, "11 Comments", *remarks, "Leave a Reply") == ["11 Comments", *remarks, "Leave a Reply"]
    assert removed("The lamp", LAMP, "40 Comments", *remarks) == []
    assert removed("5 Comments", *remarks) == []


def test_a_credit_under_each_title_of_a_list_does_not_end_the_text() -> None:
    """Below the last one it may: who wrote the song before stands there, too."""
    ring = "It rings in the third verse."
    songs = ("The Rope", "Written by: Ida Fell", ring, "The Oven", "Written by: Fell, Ito", "So it ends.")
    assert ring not in removed("Songs of the quay", LAMP, BAKER, *songs)
    assert removed("Songs of the quay", LAMP, BAKER, *songs[:3]) == list(songs[1:3])


def test_who_made_what_a_list_is_about_is_no_byline() -> None:
    """The same words stand under three titles at least, each above a paragraph on it."""
    made = [
        line
        for n, name in enumerate(("Ida Fell", "Bo Ito", "Tom Reed"), 1)
        for line in (f"{n}. A song", f"Written by: {name}", f"{n} {LAMP}")
    ]
    assert lost("Songs of the quay", BAKER, *made, SEA) == []


def test_a_heading_over_what_a_text_cites_stays_with_it() -> None:
    """Below a byline, too."""
    cited = [f"[{n}] Fell, The Tide Table, {n}2." for n in range(1, 5)]
    assert lost("The lamp", BAKER, LAMP, SEA, "By Mara Voss", "REFERENCES", *cited) == ["By Mara Voss"]


def test_notes_that_a_star_cites_or_that_lead_back_stay_below_a_byline() -> None:
    """A line with a star that nothing cites does not."""
    cited = LAMP.replace("the bakery", "the bakery*")
    note = "*Of the Voss brothers, in Rope Street."
    back = ("- Fell, The Tide Table, 12. ↩︎", "- Ito, Ropes, 85. ↩")
    assert removed("The lamp", BAKER, cited, "By Mara Voss", note) == ["By Mara Voss"]
    assert removed("The lamp", BAKER, LAMP, "By Mara Voss", note) == ["By Mara Voss", note]
    assert removed("The lamp", BAKER, LAMP, "By Mara Voss", *back) == ["By Mara Voss"]


def test_the_first_paragraph_says_whom_a_text_is_about() -> None:
    """All six lines of a short review are its last ones."""
    about = "Ida Fell is the author of two books that I read in May, one of them in a boat. " + LAMP
    assert lost("Fell", about, BAKER, SEA) == []


def test_a_record_above_a_byline_is_no_author() -> None:
    """Nor is the paragraph that begins with its title a note about one; "II. …" heads a part of a sermon."""
    review = "Rope Ladder is the first of their records that was made on land, and it is the best of them. " + LAMP
    assert lost("Rope Ladder", "Kelp Records", "By: Ida Fell", BAKER, review, SEA) == ["By: Ida Fell"]
    assert "II. Its Cold Hands" not in lost("On ropes", "II. Its Cold Hands", LAMP, BAKER, SEA)


SHARED = ("Copy", "Share on Facebook")


def test_a_button_below_each_saying_ends_nothing() -> None:
    """A page of sayings has its buttons twenty times; below the one at nine tenths the sayings go on."""
    sayings = [f"The {number} tide brings what the last one took, and a little sand of its own." for number in range(9)]
    page = [line for saying in sayings for line in (saying, *SHARED)]
    assert removed("Sayings of the quay", LAMP, *page) == [line for line in page if line in SHARED]
    assert removed("Sayings of the quay", LAMP, BAKER, *sayings[:7], *SHARED, *sayings[7:]) == [*SHARED, *sayings[7:]]


def test_sources_below_a_call_are_the_authors() -> None:
    """The site's call stands between the text and what its author read; one title alone is a link."""
    sources = ("Bibliography", "- Fell, Ida (1911), The Lamp, Marrow Press", "- Voss, Mara (2004), Boats That Leak, Kelp & Sons")
    call = "Sign up to our newsletter!"
    text = ("The lamp", LAMP, BAKER, LAMP.replace("lamp", "buoy"), BAKER.replace("baker", "smith"))
    assert removed(*text, call, *sources) == [call]
    assert removed(*text, call, "Bibliography", "Three boats and a lamp") == [call, "Bibliography", "Three boats and a lamp"]


def test_a_numbered_list_of_remarks_goes_down_to_the_form() -> None:
    """Long remarks, too, where there are as many as were counted and a form stands below; else nothing tells them from a list."""
    remarks = (f"  1. {BAKER}", "  2. So did my aunt, and she had the lamp.", f"     {BAKER.replace('baker', 'smith')}")
    assert removed("The lamp", LAMP, "2 comments", *remarks, "Leave a Reply") == ["2 comments", *remarks, "Leave a Reply"]
    assert removed("The lamp", LAMP, "2 comments", *remarks) == []
    bullets = (f"• {BAKER}", "• So did my aunt, and she had the lamp.")
    assert removed("The lamp", LAMP, "2 comments", *bullets, "Leave a Reply") == ["2 comments", *bullets, "Leave a Reply"]
    assert not {*bullets} & {*removed("The lamp", LAMP, "2 comments", *bullets)}
    assert not {*remarks} & {*removed("The lamp", LAMP, "24 comments", *remarks, "Leave a Reply")}


def test_as_many_names_with_a_day_as_the_label_counts_are_its_remarks() -> None:
    """A remark or two below "2 Kommentare" need no line model to be found sure of them, only to be doubted at all."""
    remarks = [
        "A. Fuchs 4. Mai 2020", "Thank you for this, I had no idea that anybody else remembers her!!",
        "Seebär 5. Mai 2020", "@A. Fuchs same here :-)",
    ]  # fmt: skip
    text = "\n".join(["The lamp", LAMP, BAKER, "2 Kommentare", *remarks])
    taken = clean(text).ledger
    assert not any(line in clean(text).text for line in remarks)
    assert {one.rule for one in taken if "same here" in one.removed} == {"comment.any.thread-of-days"}
    uncounted = clean(text.replace("2 Kommentare", "5 Kommentare")).ledger
    assert not any(one.rule.startswith("comment.any.thread") for one in uncounted)


def test_a_byline_above_each_part_ends_nothing() -> None:
    """Interviews of several hands on one page have one each; below the last the answers go on."""
    part = ("di LENA MARÍN", BAKER, "di MARCO REMO", LAMP.replace("lamp", "buoy"), "di IDA FELL", "And the oil?", "None.")
    assert removed("The lamp", LAMP, *part) == ["di LENA MARÍN", "di MARCO REMO", "di IDA FELL"]
