"""Bylines as people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.metadata.lexicon import LANGUAGES, given_names, lexicon
from corpuskit.metadata.names import is_name, is_organisation, proper_case, unglue
from corpuskit.metadata.people import people


def named(byline: str) -> list[str]:
    """The names of the authors of `byline`, in order."""
    return [person.name for person in people(byline) if person.role == "author"]


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("By Marta Quill", ["Marta Quill"]),
        ("By Marta Quill and Tom Hedge", ["Marta Quill", "Tom Hedge"]),
        ("By Marta Quill, Tom Hedge, and Rosa Lindqvist", ["Marta Quill", "Tom Hedge", "Rosa Lindqvist"]),
        ("MARTA QUILL and TOM O'HEDGE", ["Marta Quill", "Tom O'Hedge"]),
        ("Von Hanna Feldweg und Jürgen Sandmann, Kiel", ["Hanna Feldweg", "Jürgen Sandmann"]),
        ("Par Claire Dubosc et Louis Armand", ["Claire Dubosc", "Louis Armand"]),
        ("Por Lucía Robledo y Andrés Vela", ["Lucía Robledo", "Andrés Vela"]),
        ("di Chiara Montebello", ["Chiara Montebello"]),
        ("Анна Полевая и Игорь Мостов", ["Анна Полевая", "Игорь Мостов"]),
        ("Quill, Marta", ["Marta Quill"]),
        ("Marta Quill; Tom Hedge for the Evening Gull", ["Marta Quill", "Tom Hedge"]),
        ("By Marta Quill in Oslo and Tom Hedge in Riga", ["Marta Quill", "Tom Hedge"]),
        ("By Marta Quill, Senior Garden Correspondent", ["Marta Quill"]),
        ("Marta Quill Staff Writer", ["Marta Quill"]),
        ("Marta QuillTom Hedge", ["Marta Quill", "Tom Hedge"]),
        ("byMarta Quill", ["Marta Quill"]),
        ("3dMarta Quill and Tom Hedge", ["Marta Quill", "Tom Hedge"]),
        ("By Marta Quill | March 4, 2021", ["Marta Quill"]),
        ("Marta QuillMar 04, 202112 Shares340 Views", ["Marta Quill"]),
        ("March 4, 2021 by Marta Quill", ["Marta Quill"]),
        ("By Marta Quill - The Evening Gull - Thursday, March 4, 2021", ["Marta Quill"]),
        ("Marta Quill, Ph.D., RDN", ["Marta Quill"]),
        ("By Tom Hedge Jr.", ["Tom Hedge Jr."]),
        ("By J. R. Hedge", ["J. R. Hedge"]),
        ("Ludwig van der Aue", ["Ludwig van der Aue"]),
        ("Maria de Sousa", ["Maria de Sousa"]),
        ("Shaun McAllister", ["Shaun McAllister"]),
        ("Marta Quill @martaquill", ["Marta Quill"]),
        ("marta.quill@example.org", ["Marta Quill"]),
        ("Marta Quill 1,2, Tom Hedge 2,*", ["Marta Quill", "Tom Hedge"]),
        ("By Marta Quill ⋅ Review Editor", ["Marta Quill"]),
        ("Marta Quill SEO Specialist", ["Marta Quill"]),
        ("By Marta Quill and The Associated Press", ["Marta Quill", "The Associated Press"]),
        ("& Marta Quill, Director of Gardens", ["Marta Quill"]),
        ("글 김하늘", ["김하늘"]),
        ("聞き手・構成　佐藤はなこ", ["佐藤はなこ"]),
        ("लेखक: सीमा राव", ["सीमा राव"]),
        ("נועה כהןנועה כהן", ["נועה כהן"]),
        ("By Marta QuillDec. 18, 2021 9:00 am", ["Marta Quill"]),
        ("Written by Marta Quill; Photographs by Tom Hedge", ["Marta Quill"]),
        ("記者林小雨", ["林小雨"]),
        ("（林小雨／台中報導）", ["林小雨"]),
        ("佐藤 花子", ["佐藤 花子"]),
        ("김하늘 기자", ["김하늘"]),
        ("By The Gull Staff", ["The Gull Staff"]),
        ("Reporting by Reuters", ["Reuters"]),
        ("By Friday evening the storm had passed.", []),
        ("by the lake where we used to swim", []),
        ("Senior Editor", []),
        ("Politics", []),
        ("March 4, 2021", []),
        ("", []),
        ("|", []),
    ],
)
def test_bylines(byline: str, expected: list[str]) -> None:
    """A byline gives its people in order, and neither job title, place, date, employer nor section."""
    assert expected == named(byline)


def test_roles() -> None:
    """A label gives its role to the names behind it."""
    found = [(person.name, person.role) for person in people("Edited by Tom Hedge | Translated by Rosa Lindqvist")]
    assert [("Tom Hedge", "editor"), ("Rosa Lindqvist", "translator")] == found


def test_agencies_are_organisations() -> None:
    """An agency alone is an author that is no person; beside a person it is an employer."""
    assert ["organisation"] == [person.kind for person in people("By The Associated Press")]
    assert ["Marta Quill"] == named("By Marta Quill, Reuters")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RiemannBarbara", "Riemann‖Barbara"),
        ("McAllister", "McAllister"),
        ("DeVries", "DeVries"),
        ("O'Neil", "O'Neil"),
        ("plain words", "plain words"),
    ],
)
def test_unglue(text: str, expected: str) -> None:
    """A capital behind a small letter is a lost space, except after the prefixes of names."""
    assert expected == unglue(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MARTA D. O'HEDGE-FELD", "Marta D. O'Hedge-Feld"),
        ("SHAUN MCALLISTER", "Shaun McAllister"),
        ("LUDWIG VAN DER AUE", "Ludwig van der Aue"),
        ("Marta Quill", "Marta Quill"),
        ("AFP", "AFP"),
        ("H.C.", "H.C."),
    ],
)
def test_proper_case(name: str, expected: str) -> None:
    """Names in capitals get their usual case; agencies and initials keep theirs."""
    assert expected == proper_case(name)


@pytest.mark.parametrize(
    "text", ["Read more", "the boat", "Marta's garden", "Marta 2", "MARTA?", "one two three four five six"]
)
def test_no_names(text: str) -> None:
    """Words that have not the shape of a name are none."""
    assert is_name(text, lexicon("en")) is False


def test_organisation_words() -> None:
    """Institutions are known by their words."""
    assert is_organisation("Institute for Slow Trains", lexicon("en"))
    assert not is_organisation("Marta Quill", lexicon("en"))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Any text is a byline of finitely many names that are not empty and stand on one line."""
    for person in people(text):
        assert person.name.strip() == person.name != ""
        assert "\n" not in person.name


def test_given_names_are_folded() -> None:
    """The list of given names is lower case and holds no words of headings."""
    names = given_names()
    assert all(name == name.lower() for name in names)
    assert not names & {"the", "news", "home", "may", "april", "will"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_lexicons(code: str) -> None:
    """Each language has bylines, credits and dates in lower case, and twelve months or numbered ones."""
    words = lexicon(code)
    assert words.roles
    assert words.credit
    assert set(words.months.values()) == set(range(1, 13))
    everything = [*words.by, *words.roles, *words.jobs, *words.credit, *words.published, *words.months]
    assert [entry for entry in everything if entry != entry.lower()] == []


def test_months_agree() -> None:
    """A month's name means the same number in every language that has it, so that all can be read at once."""
    assert {
        lexicon(code).months[name] == number
        for code in LANGUAGES
        for name, number in lexicon(None).months.items()
        if name in lexicon(code).months
    } == {True}
