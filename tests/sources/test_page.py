"""HTML: the main text, and what a page says of itself."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

pytest.importorskip("trafilatura", reason="the extra html is not installed")

from corpuskit.model import Candidate, Document, Quarantined
from corpuskit.sources import Options
from corpuskit.sources.html import record_of_page, understood
from corpuskit.sources.json_ld import Person, article
from corpuskit.sources.rows import Record

from .conftest import ReadAll

PARAGRAPH = "The mill had stood by the river since before anyone in the village could remember, and it still turned. "
BODY = f"<article><h1>The mill that would not stop</h1><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 2}</p></article>"


def page(head: str = "", body: str = BODY) -> bytes:
    """Return a page with a menu, a footer and this head and body."""
    menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/news'>News</a></li></ul></nav>"
    foot = "<footer><p>All rights reserved. Cookie settings.</p></footer>"
    return f"<html lang='en'><head>{head}</head><body>{menu}{body}{foot}</body></html>".encode()


def record(data: bytes, url: str = "") -> Record:
    """Return the record of a page that must have one."""
    found = record_of_page("", data, "", url=url)
    assert isinstance(found, Record), found
    return found


def best(found: Record, field: str) -> Candidate | None:
    """Return the candidate of a field with the highest confidence."""
    return max((one for one in found.fields if one.field == field), key=lambda one: one.confidence, default=None)


def value(found: Record, field: str) -> str:
    """Return the value of the best candidate, or nothing."""
    one = best(found, field)
    return one.value if one else ""


def ld(*nodes: object) -> str:
    """Return a JSON-LD script."""
    return f'<script type="application/ld+json">{json.dumps(list(nodes))}</script>'


def test_the_main_text_comes_without_menu_and_footer(read_all: ReadAll) -> None:
    """A page becomes one document whose text is the article; it says lossy and carries the page's digest."""
    data = page()
    (one,) = read_all({"site/a.html": data})
    assert isinstance(one, Document)
    assert PARAGRAPH.strip() in one.text
    assert "Cookie" not in one.text
    assert "Home" not in one.text
    assert (True, sha256(data).hexdigest()) == (one.provenance.lossy, one.provenance.bytes_sha256)


def test_the_text_of_a_page_does_not_depend_on_pages_before_it() -> None:
    """The same page gives the same text ten times over."""
    assert len({record(page()).decoded.text for _ in range(10)}) == 1


def test_fragments_and_stray_nuls_are_read() -> None:
    """A saved fragment without a root element, and a page with a NUL in it, have their text."""
    assert "An evening" in record(b"<p>An evening by the river.</p>").decoded.text
    assert "An even" in record(page(body="<p>An even\0ing by the river.</p>")).decoded.text


def test_a_page_without_text_is_quarantined(read_all: ReadAll) -> None:
    """A shell that needs scripts, and an empty page, are entries."""
    found = read_all({"a.html": b"<html><body><div id='app'></div></body></html>", "b.html": b""})
    assert [one.reason for one in found if isinstance(one, Quarantined)] == ["no-text", "empty"]


def test_the_stated_encoding_is_understood_as_browsers_do() -> None:
    """A page that says Latin-1 is Windows-1252; one that lies is still UTF-8."""
    text = "<meta charset='iso-8859-1'>"
    western = page(text, "<p>It was “déjà vu”, said the miller, and closed the door again.</p>".encode().decode())
    assert "“déjà vu”" in record(western.decode().encode("cp1252")).decoded.text
    assert "“déjà vu”" in record(western).decoded.text
    assert [understood(name) for name in ("latin1", "Shift_JIS", "rot13", "UTF8")] == ["cp1252", "cp932", "", "utf-8"]


def test_json_ld_names_people_dates_and_publisher() -> None:
    """The article node is read, references between nodes are followed, evidence names the path."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": "The mill that would not stop",
                "author": [{"@id": "#a"}, {"@type": "Person", "name": "Bo Ek"}],
                "datePublished": "2021-03-04T05:06:07+01:00",
                "dateModified": "2021-03-05",
                "publisher": {"@type": "Organization", "name": "Mill Press"},
                "license": "https://creativecommons.org/licenses/by/4.0/",
            },
            {"@type": "Person", "@id": "#a", "name": "Ada Quill"},
        ],
    }
    found = record(page(ld(graph)))
    assert [one.value for one in found.fields if one.rule == "page.json-ld" and one.field == "author"] == [
        "Ada Quill",
        "Bo Ek",
    ]
    assert Candidate(
        "date_published", "2021-03-04T05:06:07+01:00", "page", "JSON-LD datePublished", "page.json-ld", confidence=0.97
    ) == best(found, "date_published")
    assert (value(found, "date_modified"), value(found, "publisher")) == ("2021-03-05", "Mill Press")
    assert value(found, "license") == "https://creativecommons.org/licenses/by/4.0/"


def test_other_articles_on_the_page_are_not_this_one() -> None:
    """Lists of teasers are not entered, and of several article nodes the one with the page's title wins."""
    other = {"@type": "Article", "headline": "Something else", "author": {"@type": "Person", "name": "Not Me"}}
    own = {"@type": "Article", "headline": "The mill", "author": {"@type": "Person", "name": "Ada Quill"}}
    listed = {"@type": "ItemList", "itemListElement": [other]}
    found = article([json.dumps([other, listed]), json.dumps(own)], "", "The mill")
    assert found is not None
    assert (Person("Ada Quill"),) == found.authors


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        "null",
        "[" * 5000,
        '{"@type": "Article", "author": {"name": {"name": 3}}}',
        '{"@type": 5, "author": []}',
    ],
)
def test_broken_json_ld_says_nothing(script: str) -> None:
    """Whatever stands in a script, reading it does not fail."""
    found = article([script], "", "")
    assert found is None or found.authors == ()


def test_forgiven_json_ld() -> None:
    """Raw newlines in strings, comment wrappers, trailing commas and semicolons are forgiven."""
    for script in (
        '{"@type": "Article", "headline": "a\nb"}',
        '<!--{"@type":"Article","headline":"a\\nb"}-->',
        '{"@type":"Article","headline":"a\\nb",};',
    ):
        found = article([script], "", "")
        assert found is not None
        assert found.headline.split() == ["a", "b"]


def test_meta_tags_are_read_and_addresses_are_no_authors() -> None:
    """Facebook pages and placeholders in author tags are not people."""
    head = (
        '<meta name="author" content="admin"><meta property="article:author" content="https://facebook.example/mill">'
        '<meta name="parsely-author" content="Ada Quill"><meta property="article:published_time" content="20210304">'
    )
    found = record(page(head))
    assert [one.value for one in found.fields if one.field == "author"] == ["Ada Quill"]
    assert (value(found, "date_published"), found.fields[0].evidence) == ("2021-03-04", "meta parsely-author")


def test_the_heading_is_the_title_and_the_sites_name_is_none() -> None:
    """The h1 that the page's own title names wins; a site name at the end of a title is cut."""
    head = '<title>The mill | Mill Press</title><meta property="og:site_name" content="Mill Press">'
    assert value(record(page(head)), "title") == "The mill that would not stop"
    assert value(record(page(head, f"<p>{PARAGRAPH * 3}</p>")), "title") == "The mill"


def test_an_author_who_is_the_site_weighs_less_than_a_byline() -> None:
    """Sites name themselves in author tags; a byline in the page is better."""
    head = '<meta name="author" content="Mill Press"><meta property="og:site_name" content="Mill Press">'
    body = BODY.replace("</h1>", "</h1><p>By Ada Quill</p>")
    found = record(page(head, body))
    assert value(found, "author") == "Ada Quill"
    assert [one.rule for one in found.fields if one.value == "Mill Press" and one.field == "author"] == [
        "page.meta.author-site"
    ]


def test_authors_of_teasers_further_down_are_left_out() -> None:
    """Of elements marked alike, the first and those right beside it name the author."""
    teasers = "".join(
        f"<section><div><div><p>Another text</p><a rel='author' href='#'>Other {n}</a></div></div></section>"
        for n in range(5)
    )
    body = (
        BODY.replace(
            "</h1>", "</h1><div><a rel='author' href='#'>Ada Quill</a><a rel='author' href='#'>Bo Ek</a></div>"
        )
        + teasers
    )
    found = record(page("", body))
    assert [one.value for one in found.fields if one.rule == "page.rel-author"] == ["Ada Quill", "Bo Ek"]


def test_people_are_told_once() -> None:
    """Of the kinds of statement that name people only the surest speaks with confidence; the others stay visible."""
    author = {"@type": "Article", "author": {"@type": "Person", "name": "Ada Quill"}}
    body = BODY.replace("</h1>", "</h1><p class='byline'>By Ada Quill, keeper of the mill</p>")
    found = record(page(ld(author), body))
    sure = {one.value for one in found.fields if one.field == "author" and one.confidence >= 0.5}
    assert sure == {"Ada Quill"}
    assert "By Ada Quill, keeper of the mill" in {one.value for one in found.fields if one.field == "author"}


def test_opt_out_signals_are_recorded_and_never_inferred() -> None:
    """noai and TDM reservations are fields; noindex is none."""
    found = record(page('<meta name="robots" content="noindex, noai"><meta name="tdm-reservation" content="1">'))
    assert sorted(one.value for one in found.fields if one.field == "opt_out") == ["noai", "tdm-reservation"]
    assert not [one for one in record(page()).fields if one.field == "opt_out"]


def test_the_publisher_in_a_page_without_address_is_the_source(read_all: ReadAll) -> None:
    """Without an address the page belongs to whom it says published it, before the folder it lies in."""
    (one,) = read_all({"crawl/a.html": page('<meta property="og:site_name" content="Mill Press">')})
    assert isinstance(one, Document)
    assert one.source == "Mill Press"


def test_the_site_of_the_canonical_address_is_the_source(read_all: ReadAll) -> None:
    """A page in a folder belongs to the site it names, and the address is a field."""
    (one,) = read_all({"crawl/a.html": page('<link rel="canonical" href="https://www.mill.example/a">')}, Options())
    assert isinstance(one, Document)
    assert one.source == "mill.example"
    assert [c.value for c in one.given if c.field == "url"] == ["https://www.mill.example/a"]


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 30_000 + "x",
        "<p class='author'>By x</p>" * 3000,
        "<h1>a</h1>" * 3000,
        "<time datetime='2020'>x</time>" * 3000,
    ],
    ids=["deep", "authors", "headings", "times"],
)
def test_hostile_pages_end(body: str) -> None:
    """Deep nesting and thousands of marks neither fail nor multiply the candidates."""
    found = record_of_page("", page("", body), "")
    assert not isinstance(found, Record) or len(found.fields) < 50


def dated(head: str = "", near: str = "") -> Record:
    """Return the record of a page with this head and this element right below its heading."""
    return record(page(head, BODY.replace("</h1>", f"</h1>{near}")))


def test_the_clock_of_the_place_names_the_day() -> None:
    """A moment stated in UTC and with the place's offset is the day that readers saw; another moment changes nothing."""
    utc = '<meta property="article:published_time" content="2021-03-05T01:30:00+00:00">'
    assert value(dated(utc, '<time datetime="2021-03-04T20:30:00-05:00">x</time>'), "date_published")[:10] == "2021-03-04"
    assert value(dated(utc, '<time datetime="2021-03-01T20:30:00-05:00">x</time>'), "date_published")[:10] == "2021-03-05"
    day = '<meta name="sailthru.date" content="Thursday, March 4, 2021">'
    assert value(dated(utc + day), "date_published") == "2021-03-04"
    assert value(dated(utc + day.replace("March 4", "March 1")), "date_published")[:10] == "2021-03-05"


def test_of_several_dates_in_one_kind_of_tag_the_first_is_the_pages() -> None:
    """The tags of teasers further down do not date the page, though they are earlier."""
    near = "".join(f'<meta itemprop="datePublished" content="{day}">' for day in ("2021-03-04", "2020-01-02"))
    assert value(dated("", near), "date_published") == "2021-03-04"


def test_a_moment_as_c_and_java_print_it_is_read() -> None:
    """The year may stand behind the clock and the zone."""
    head = '<meta property="article:published_time" content="Thu Mar 04 12:45:00 EDT 2021">'
    assert value(dated(head), "date_published") == "2021-03-04"


@pytest.mark.parametrize(
    "near",
    [
        '<dl><dt>Date:</dt><dd id="date_posted">March 4, 2021</dd></dl>',
        "<div><span>4. März 2021, 10:15 Uhr</span></div>",
        '<p class="article-date">Published on 4 March 2021</p>',
        "<p>2021年3月4日</p>",
    ],
)
def test_a_date_that_only_readers_are_shown_is_found(near: str) -> None:
    """Marked elements and short lines below the heading date a page whose tags do not; its last change is none."""
    head = '<meta name="last-modified" content="2024-02-17">'
    found = dated(head, near)
    assert value(found, "date_published") == "2021-03-04"
    assert value(found, "date_modified") == "2024-02-17"


def test_a_change_or_a_date_in_a_sentence_is_no_publication() -> None:
    """"Updated" labels a change; a date amid other words is of something else; nothing is made of either."""
    found = dated('<meta name="last-modified" content="2024-02-17">', "<p>Updated: 4 March 2021</p>")
    assert [one.value for one in found.fields if one.field == "date_published" and one.confidence >= 0.5] == []
    assert "2021-03-04" in [one.value for one in found.fields if one.field == "date_modified"]
    told = dated("", "<p>The wheel broke on 4 March 2021 and was mended</p>")
    assert not [one for one in told.fields if one.rule == "page.date-near-heading"]


def test_no_half_of_an_escape_sequence_stays() -> None:
    """The parser of pages drops ESC alone: a colour of a terminal goes whole before it, what has no ESC stays."""
    marked = BODY.replace("the river", "\x1b[31mthe river\x1b[0m").replace("The mill had", "The mill [31m had")
    text = record(page(body=marked)).decoded.text
    assert text == record(page(body=BODY)).decoded.text.replace("The mill had", "The mill [31m had")
