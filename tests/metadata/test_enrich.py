"""The fields of documents, and their evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.metadata import Metadata, Options, Request, SourceFacts, enrich, enrich_batch
from corpuskit.model import Candidate, Edit, Origin

BODY = "\n\n".join(
    f"The ferry of our town was rebuilt for the {nth} time that year, and the people who had waited for the "
    f"ferry on the pier said that they would rather have kept the old boat with its wooden benches and its slow engine."
    for nth in ("first", "second", "third", "fourth")
)
HEADLINE = "Why our town keeps rebuilding its old ferry"


def page(*above: str, below: tuple[str, ...] = ()) -> Metadata:
    """The metadata of an article with lines above and below its body."""
    text = "\n".join([*above, BODY, *below])
    return enrich(text, text)


def names(found: Metadata) -> list[str]:
    """The names of the authors."""
    return [person.name for person in found.authors]


def test_an_article() -> None:
    """Title, author, date and language of a plain article."""
    found = page(HEADLINE, "By Marta Quill", "Published March 4, 2021, 9:30 a.m. ET")
    assert (HEADLINE, ["Marta Quill"], "2021-03-04", "en") == (
        found.title,
        names(found),
        found.date_published,
        found.language,
    )


def test_nothing_said_is_null() -> None:
    """A text that says nothing about itself has no fields but those that are computed."""
    found = enrich(BODY, BODY)
    assert (None, (), (), (), None, None, None, None, None) == (
        found.title,
        found.authors,
        found.editors,
        found.image_credits,
        found.date_published,
        found.date_modified,
        found.license,
        found.url,
        found.publisher,
    )


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ((HEADLINE, "Marta Quill - March 4, 2021"), (), ["Marta Quill"]),
        ((HEADLINE, "Marta Quill", "4 min read"), (), ["Marta Quill"]),
        ((HEADLINE, "Marta Quill", "Garden Correspondent"), (), ["Marta Quill"]),
        ((HEADLINE, "Written by", "Marta Quill"), (), ["Marta Quill"]),
        ((), ("Marta Quill is a freelance writer who covers small harbours.",), ["Marta Quill"]),
        ((), ("About the author", "Marta Quill"), ["Marta Quill"]),
        ((), ("xx M.Q.",), ["M.Q."]),
        ((), ("— Marta Quill",), ["Marta Quill"]),
        ((), ("(dpa)",), ["dpa"]),
        ((HEADLINE, "Home", "Politics"), ("Read more", "Share"), []),
        ((HEADLINE,), ("Comments", "Marta Quill", "March 5, 2021", "Lovely boat."), []),
        ((HEADLINE,), ("By Tom Hedge", "A second boat", "By Rosa Lindqvist"), []),
        ((HEADLINE,), ("— Marta Quill (@martaquill) March 4, 2021",), []),
    ],
)
def test_authors_in_the_text(above: tuple[str, ...], below: tuple[str, ...], expected: list[str]) -> None:
    """Authors are read from where pages name them, and not from menus, comments, teasers and quoted posts."""
    assert expected == names(page(*above, below=below))


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ((HEADLINE, "Orrin Vashti", "Editor at the Evening Gull"), (), ["Orrin Vashti"]),
        (
            (HEADLINE, "Orrin Vashti, Zelda Quorn, Marta Quill, Tom Hedge"), (),
            ["Orrin Vashti", "Zelda Quorn", "Marta Quill", "Tom Hedge"],
        ),
        ((HEADLINE,), ("Orrin Vashti", "Orrin Vashti covers harbours and ferries for the Evening Gull."), ["Orrin Vashti"]),
        ((HEADLINE,), ("About the author", "Hi! My name is Marta and I live by the sea."), ["Marta"]),
        ((HEADLINE,), ("For Gull Radio, I'm Marta Quill in Oslo.",), ["Marta Quill"]),
        ((HEADLINE,), ("©2021 Marta Quill. All rights reserved.",), ["Marta Quill"]),
        ((HEADLINE,), ("Quelle: gull.example, ino/dpa",), ["dpa"]),
        ((HEADLINE,), ("GLL/Reuters",), ["GLL", "Reuters"]),
        ((HEADLINE, "Posted on March 4, 2021 by inkpot | 2 comments"), (), ["inkpot"]),
        ((HEADLINE,), ("Posted by Marta at March 4, 2021", "3 comments", "Posted by Tom at March 5, 2021"), ["Marta"]),
        ((HEADLINE, "By", "Published in Layout, Graphic Design"), (), []),
        ((HEADLINE,), ("Marta", "View all posts by the author"), ["Marta"]),
        ((HEADLINE,), ("Marta", "A boat of one's own"), []),
        ((HEADLINE, "An unpublished essay by Marta Quill"), (), ["Marta Quill"]),
        ((HEADLINE, "Orrin VashtiOrrin Vashti"), (), ["Orrin Vashti"]),
        ((HEADLINE, "Posted on March 4, 2021 by admin"), (), []),
        ((HEADLINE, "By", "Wooden Benches"), (), []),
        ((HEADLINE, "Reviewed by Marta Quill"), (), []),
        ((HEADLINE,), ("Marta Quill, a fellow at the institute, said: “The boat was a writer’s dream.”",), []),
        ((HEADLINE,), ("Press contact", "Marta Quill", "Tel.: 0123 456"), []),
        ((HEADLINE,), ("Hi Jenna, thanks for writing this.", "Cheers Marta"), []),
    ],
)  # fmt: skip
def test_names_are_read_by_their_place(above: tuple[str, ...], below: tuple[str, ...], expected: list[str]) -> None:
    """A name counts where the lines around it say that it is the author's, and nowhere else."""
    assert expected == names(page(*above, below=below))


def test_someone_the_article_speaks_about_is_not_its_author() -> None:
    """A sentence that introduces a person makes no author of one who is mentioned again."""
    below = (
        "Marta Quill is a writer who lives near the pier.",
        "The town gave Quill a free pass for the ferry, which she used daily.",
    )
    assert [] == names(page(HEADLINE, below=below))


def test_a_byline_outranks_a_biography() -> None:
    """The stronger sign is taken, the weaker one stays as a conflict."""
    found = page(HEADLINE, "By Tom Hedge", below=("Marta Quill is a freelance writer and the editor of a blog.",))
    assert ["Tom Hedge"] == names(found)
    assert [("author", "Tom Hedge", ("Marta Quill",))] == [(c.field, c.chosen, c.others) for c in found.conflicts]


def test_given_outranks_the_text() -> None:
    """What the input states is taken, and a whole byline in it is read."""
    text = f"{HEADLINE}\nBy Tom Hedge\n{BODY}"
    found = enrich(text, text, (), [Candidate("author", "QUILL, MARTA", "given", "column author")])
    assert ["Marta Quill"] == names(found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Photo: Marta Quill/Reuters", ["Marta Quill/Reuters"]),
        ("The ferry in May. Photo: Marta Quill", ["Marta Quill"]),
        ("The old boat (Image credit: Harbour Museum)", ["Harbour Museum"]),
        ("Photo by Marta Quill", ["Marta Quill"]),
        ("A still from the film The Slow FerryGull Pictures", ["Gull Pictures"]),
        ("The slow ferry | Source: Instagram/@slowferry", ["Instagram/@slowferry"]),
        ("© Marta Quill/Getty Images", ["Marta Quill/Getty Images"]),
        ("Source: the town council's yearly report on ferries", []),
        ("The picture shows a boat that nobody photographed.", []),
    ],
)
def test_image_credits(line: str, expected: list[str]) -> None:
    """Credits are read from captions, and sources of facts are none."""
    assert expected == list(page(HEADLINE, line).image_credits)


@pytest.mark.parametrize(
    ("lines", "published", "modified"),
    [
        (("March 4, 2021",), "2021-03-04", None),
        (("Updated March 5, 2021",), None, "2021-03-05"),
        (("Published: March 4, 2021", "Updated: March 5, 2021"), "2021-03-04", "2021-03-05"),
        (("Published March 4, 2021 | Updated March 5, 2021",), "2021-03-04", "2021-03-05"),
        (("Published on", "4 March 2021"), "2021-03-04", None),
        (("Event: March 4, 2021",), None, None),
        (("Tickets from March 4, 2021",), None, None),
        (("March 4, 2021", "March 9, 2021"), None, None),
        (("Monday, March 8, 2021", "March 4, 2021, 9:30 am"), "2021-03-04", None),
    ],
)
def test_dates(lines: tuple[str, ...], published: str | None, modified: str | None) -> None:
    """Labels tell publication from update; events and dates that contradict each other are left out."""
    found = page(HEADLINE, *lines)
    assert (published, modified) == (found.date_published, found.date_modified)


@pytest.mark.parametrize(
    "first",
    [
        "On the pier stood a man who had missed the ferry.",
        "Home",
        "March 4, 2021",
        "By Marta Quill",
        "Subscribe to our newsletter",
    ],
)
def test_no_title(first: str) -> None:
    """A sentence, a menu entry, a date, a byline or a plug is no title."""
    assert page(first).title is None


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ((HEADLINE, "By Marta Quill", "March 4, 2021"), HEADLINE),
        (("Home › Essays › Harbours", "The Old Ferry", "By Marta Quill", "March 4, 2021"), "The Old Ferry"),
        ((f"# {HEADLINE}", "By Marta Quill"), HEADLINE),
        ((f"NEWS{HEADLINE}", "By Marta Quill", "March 4, 2021"), HEADLINE),
        ((f"{HEADLINE} - Evening Gull", HEADLINE, "By Marta Quill"), HEADLINE),
        ((f"Harbour Harbour {HEADLINE}", "By Marta Quill"), f"Harbour {HEADLINE}"),
        (("Harbour | Pier | Ferry | Town",), None),
        (("Who keeps rebuilding the old ferry of our town?",), None),
    ],
)
def test_titles(above: tuple[str, ...], expected: str | None) -> None:
    """A headline is taken without the template's marks around it; menus and the first question of a text are not."""
    assert expected == page(*above).title


_ROPES = """A rope has a memory. Coil it against its lay and it will come back at you in the dark, when you have no hand free and
the wind is in your mouth.

My uncle could tie eleven knots behind his back, and he taught me four of them. The fifth, he said, would come to me when I needed
it, as it had come to him, off the rocks below the church, in a sleet that took the skin from his face.

It has not come yet. I tie the four, and I take care to need no other.
"""
_FOG = """The fog came on a Tuesday and stayed until the Sunday after. You could hear the town, and you could smell it, but you
could not have sworn that it was there.

Children love fog, because it gives each of them a country. I stood in mine with a stick and ruled over a fence, two hens and the
sound of an engine.

On the Sunday it lifted in an hour. The town had not moved. I remember that I was disappointed, and that I told no one.
"""


@pytest.mark.parametrize(("text", "subtitle"), [(_ROPES, "Of ropes and knots"), (_FOG, "Fog")])
@pytest.mark.parametrize("series", ["Letters from the Quay {}: {}", "Letters from the Quay, No. {} – {}", "Quay Letters #{}. {}"])
def test_a_number_before_a_subtitle_is_of_a_title(text: str, subtitle: str, series: str) -> None:
    """The article says little of the name of its series, so that the line alone is not sure enough."""
    title = series.format(4, subtitle)
    assert enrich(f"{title}\n\n{text}", f"{title}\n\n{text}").title == title


@pytest.mark.parametrize(
    "above",
    ["Letters from the Quay\n\nFog", "Letters from the Quay 4\n\nOf lamps and doors", "Lamps for 2 – 5 persons",
     "4 letters from the quay", "Page 4", "Quay 4: 12 13 14"],
)  # fmt: skip
def test_a_number_elsewhere_says_nothing(above: str) -> None:
    """Nor does one in a line above another that may be the title."""
    assert enrich(f"{above}\n\n{_FOG}", f"{above}\n\n{_FOG}").title is None


def test_a_word_with_a_capital_inside_is_no_seam() -> None:
    """A name that the text writes the same way elsewhere is not cut in two."""
    text = f"FerryLink keeps rebuilding its old boats\nBy Marta Quill\n{BODY}\nThey work for FerryLink now."
    assert "FerryLink keeps rebuilding its old boats" == enrich(text, text).title


def test_a_repaired_title() -> None:
    """A title is given as cleaning has repaired it."""
    text = "\n".join([HEADLINE.replace("ferry", "fÃ©rry"), "By Marta Quill", "March 4, 2021", BODY])
    at = text.index("fÃ©rry")
    edit = Edit("encoding.any.mojibake", at, at + 6, "fÃ©rry", "férry", "", 1.0)
    clean = text.replace("fÃ©rry", "férry")
    assert HEADLINE.replace("ferry", "férry") == enrich(text, clean, [edit]).title


def test_cuts_are_no_title() -> None:
    """A line that cleaning has cut is not taken for the title."""
    text = f"{HEADLINE}\nBy Marta Quill\n{BODY}"
    cut = Edit("nav.en.kicker", 0, len(HEADLINE) + 1, text[: len(HEADLINE) + 1], "", "", 1.0)
    assert HEADLINE == enrich(text, text).title
    assert enrich(text, text[len(HEADLINE) + 1 :], [cut]).title is None


def test_removed_bylines_and_rule_candidates() -> None:
    """What rules cut out and extracted is read: a byline's people, a bio's name, a pen name."""
    text = f"{BODY}\nEdited by Debra\nxx H.Q."
    start = text.index("Edited")
    edit = Edit("byline.en.edited", start, start + 16, "Edited by Debra\n", "", "", 0.9)
    pen = Candidate("author", "H.Q.", "text", "xx H.Q.", "byline.en.sign-off", text.index("xx"), len(text))
    found = enrich(text, BODY, [edit], [pen])
    assert (["H.Q."], ["Debra"]) == (names(found), [person.name for person in found.editors])


def test_the_licence_of_a_picture_is_not_the_text_s() -> None:
    """A licence in a caption says nothing about the text."""
    assert page(HEADLINE, "Photo: Marta Quill, CC BY 2.0").license is None
    assert "CC-BY-4.0" == page(HEADLINE, below=("This essay is licensed under CC BY 4.0.",)).license


def test_source_and_address() -> None:
    """What is declared of the source, and the address, fill their fields."""
    given_url = Candidate("url", "https://www.example.org/ferry?utm_source=x", "given", "column url")
    found = enrich(BODY, BODY, (), [given_url], SourceFacts("gull", publisher="The Evening Gull", license="CC-BY-4.0"))
    assert ("The Evening Gull", "CC-BY-4.0", "https://example.org") == (
        found.publisher,
        found.license,
        (found.url or "")[:8] + (found.url or "")[12:23],
    )


def test_evidence_is_whole() -> None:
    """Every chosen position points at a candidate, and spans hold the evidence."""
    text = f"{HEADLINE}\nBy Marta Quill\nMarch 4, 2021\n{BODY}"
    found = enrich(text, text)
    assert {"title", "author", "date_published", "language"} <= {found.candidates[at].field for at in found.chosen}
    for entry in found.candidates:
        if entry.start >= 0:
            assert entry.value in text[entry.start : entry.end] or entry.field == "date_published"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="ABy by\n.:|()©0123456789éßд文a,'-@/", max_size=300), min_size=1, max_size=3))
def test_any_text(texts: list[str]) -> None:
    """Any text has metadata, whose spans lie inside it and which do not depend on the batch."""
    together = enrich_batch([Request(text, text) for text in texts])
    assert [enrich(text, text) for text in texts] == together
    for text, found in zip(texts, together, strict=True):
        for entry in found.candidates:
            assert entry.start == -1 or 0 <= entry.start < entry.end <= len(text)
            assert 0.0 <= entry.confidence <= 1.0
            assert entry.confidence == round(entry.confidence, 3)


@pytest.mark.parametrize(
    "line",
    [
        "Marta Quill is a freelance writer.\n",
        "Photo: x\n",
        "By Marta Quill\n",
        "(" * 50,
        "a " * 60,
        "March 4, 2021 | ",
        "x/Getty ",
        "\n",
    ],
)
def test_hostile_text(line: str) -> None:
    """A text of many thousands of equal beginnings takes linear time: a quadratic search would not come back."""
    text = line * (400_000 // len(line))
    assert isinstance(enrich(text, text), Metadata)


def test_options_can_leave_the_title_out() -> None:
    """Without the search for titles there is none."""
    text = f"{HEADLINE}\nBy Marta Quill\n{BODY}"
    assert enrich(text, text, options=Options(title=False)).title is None


def test_real_essays(shared: Path) -> None:
    """The fields of the real essays are those a careful editor would fill in, from the raw text alone."""
    gold = json.loads((shared / "essays" / "gold.json").read_text("utf-8"))["documents"]
    for name, marks in gold.items():
        raw = (shared / "essays" / name).read_text("utf-8")
        found = enrich(raw, raw)
        assert marks["metadata"] == {
            "title": found.title,
            "authors": names(found),
            "editors": [person.name for person in found.editors],
            "source": found.publisher,
            "image_credits": list(found.image_credits),
            "language": found.language,
        }


def test_dates_that_agree_are_no_conflict() -> None:
    """The same moment by another clock and a part of the date support what is taken; another day contradicts it."""

    def dated(*values: str) -> tuple[str | None, list[str]]:
        said = [Candidate("date_published", value, "page", "meta", "page.meta.date", confidence=0.9 - at / 100)
                for at, value in enumerate(values)]  # fmt: skip
        found = enrich("The river rose.", "The river rose.", (), said)
        return found.date_published, [other for one in found.conflicts for other in one.others]

    local = "2021-03-04T20:30:00-05:00"
    assert dated(local, "2021-03-05T01:30:00Z", "2021-03-04", "2021") == (local, [])
    assert dated(local, "2021-03-05") == (local, ["2021-03-05"])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("# Ice and Water", "Ice and Water"),
        ("# Ice and Water #", "Ice and Water"),
        ("Ice and Water\n=============", "Ice and Water"),
        ("#ice #water", None),
        ("## Ice and Water", None),
        ("# Ice\n\nIt came.\n\n# Water", None),
    ],
)
def test_a_heading_that_markdown_marks_is_the_title(head: str, expected: str | None) -> None:
    """The only heading of the first order, at the head of the text; tags, lower orders and one of several are not."""
    prose = "The river had risen in the night, and by the morning the lower road was gone, with the bridge and the house. "
    text = f"{head}\n\n{prose * 3}\n\n{prose * 2}"
    found = enrich(text, text)
    assert found.title == expected
    for one in found.candidates:
        if one.field == "title":
            assert one.value in text[one.start : one.end]


def column(field: str, value: str, origin: Origin = "given") -> Candidate:
    """What a column says."""
    return Candidate(field, value, origin, f"column {field!r}", "column")


def told(found: Metadata, field: str) -> list[tuple[str, str, bool]]:
    """Value and evidence of the candidates of a field from the input, and whether they were taken."""
    return [
        (one.value, one.evidence, at in found.chosen)
        for at, one in enumerate(found.candidates)
        if one.field == field and one.origin in ("given", "page")
    ]


@pytest.mark.parametrize(
    ("said", "shown"), [("klingon-7", "klingon-7"), ("English", "English"), ("write to ann@rook.example", "write to [email]")]
)
def test_a_given_language_that_is_none_is_told_and_not_taken(said: str, shown: str) -> None:
    """The text decides then, or the next who says so; an address of a person in the wrong column is not published."""
    found = enrich(BODY, BODY, candidates=[column("language", said)])
    assert ("en", ()) == (found.language, found.conflicts)
    assert [(shown, "column 'language': no language code of ISO 639", False)] == told(found, "language")
    found = enrich(BODY, BODY, candidates=[column("language", said), column("language", "de-AT")])
    assert ("de", True) == (found.language, told(found, "language")[1][2])


@pytest.mark.parametrize("said", ["2022-02-30", "2021-99-99", "2021-13", "2022-02-30T10:00:00Z", "2021-99-99T08:00Z", "soon"])
@pytest.mark.parametrize("origin", ["given", "page"])
def test_a_given_date_that_is_none_is_told_and_not_taken(said: str, origin: Origin) -> None:
    """There is no such day."""
    found = enrich(BODY, BODY, candidates=[column("date_published", said, origin)])
    assert found.date_published is None
    assert [(said, "column 'date_published': no date of the calendar", False)] == told(found, "date_published")


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("2024", "2024"), ("2024-02", "2024-02"), ("2024-02-29", "2024-02-29"),
        ("2024-02-29T20:30:00.25-05:00", "2024-02-29T20:30:00.25-05:00"), ("2024-02-29 20:30 UTC", "2024-02-29 20:30 UTC"),
        ("2024-02-29 20:30:00 +0000 UTC", "2024-02-29 20:30:00 +0000 UTC"), ("2024-02-29T20", "2024-02-29T20"),
        ("2024-02-29T77:30", "2024-02-29"), ("2024-02-29 by ann@rook.example", "2024-02-29"), ("March 4, 2021", "2021-03-04"),
    ],
)  # fmt: skip
def test_a_given_date_is_as_much_as_is_a_date(said: str, taken: str) -> None:
    """What stands behind the day and is no time of day goes."""
    assert taken == enrich(BODY, BODY, candidates=[column("date_published", said)]).date_published
