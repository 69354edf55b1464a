"""One person under several names: what is suggested, what is not, and what an accepted alias does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.errors import ConfigError
from corpuskit.metadata.aliases import RULE, parse_aliases, suggest, with_aliases
from corpuskit.metadata.record import Metadata, Person


@pytest.mark.parametrize(
    ("names", "canonical", "why"),
    [
        (("Mara Voss", "MARA VOSS"), "Mara Voss", "case, accents or points"),
        (("Inés Prado", "Ines Prado"), "Inés Prado", "case, accents or points"),
        (("Jean-Luc Ferrand", "Jean Luc Ferrand"), "Jean Luc Ferrand", "case, accents or points"),
        (("Søren Kjær", "Soren Kjaer"), "Søren Kjær", "case, accents or points"),
        (("Jörg Müller", "Joerg Mueller"), "Jörg Müller", "umlauts written out"),
        (("Mara Voss", "Voss, Mara"), "Mara Voss", "order"),
        (("Nagy Ilona", "Ilona Nagy"), "Ilona Nagy", "order"),
        (("Piet van der Meer", "Piet Meer"), "Piet van der Meer", "particles"),
        (("Omar al-Rashid", "Omar Rashid"), "Omar al-Rashid", "particles"),
        (("Mara Voss", "M. Voss"), "Mara Voss", "initials"),
        (("Mara Lea Voss", "M.L. Voss"), "Mara Lea Voss", "initials"),
        (("Mara L. Voss", "Mara Voss"), "Mara Voss", "a further given name"),
    ],
)
def test_suggestions(names: tuple[str, str], canonical: str, why: str) -> None:
    """Spellings of one name are suggested with what differs; the fullest form leads."""
    found = suggest(dict.fromkeys(names, 3))
    assert [why] == [said for one in found for _, said in one.variants]
    assert set(names) == {found[0].canonical, found[0].variants[0][0]}
    if why != "a further given name":
        assert canonical == found[0].canonical


@pytest.mark.parametrize(
    "names",
    [
        ("J. Doe", "Jane Doe", "John Doe"),  # whom does J. stand for?
        ("Mara Voss", "Mara Vost"),
        ("Tom Hale", "Tom Hale Jr."),
        ("Mara Voss", "Lea Voss"),
        ("Mara", "MARA"),
        ("Mara Voss", "Mara Voss-Klein"),
        ("Jane Doe", "Jane Q. Doe", "Jane R. Doe"),
    ],
)
def test_what_is_not_suggested(names: tuple[str, ...]) -> None:
    """What could be two people is left alone."""
    assert [] == suggest(dict.fromkeys(names, 1))


def test_what_is_accepted_is_not_suggested_again() -> None:
    """A variant that has its name already is settled."""
    accepted = parse_aliases('"Mara Voss" = ["M. Voss"]', "authors.toml")
    assert [] == suggest({"Mara Voss": 2, "M. Voss": 1}, accepted)


NAMES = st.lists(st.sampled_from(["mara", "MARA", "m.", "lea", "van", "Voss", "Voß", "Müller", ",", "jr"]), max_size=4)


@given(st.dictionaries(NAMES.map(" ".join).filter(bool), st.integers(1, 9), max_size=8))
def test_no_name_stands_in_two_suggestions(names: dict[str, int]) -> None:
    """Whatever the names and their order, each is suggested at most once, and the answer is the same."""
    found = suggest(names)
    assert found == suggest(dict(reversed(names.items())))
    every = [one for said in found for one in (said.canonical, *(variant for variant, _ in said.variants))]
    assert len(every) == len(set(every))
    assert set(every) <= set(names)


def test_an_accepted_alias_is_applied_and_told() -> None:
    """The canonical name takes the place of its variant in every role, once, and a candidate says what stood there."""
    aliases = parse_aliases('"Mara Voss" = ["M. Voss", "VOSS, Mara"]', "authors.toml")
    found = Metadata(
        authors=(Person("M. Voss"), Person("Mara Voss"), Person("Tom Hale")),
        contributors=(Person("VOSS, Mara", "photographer"),),
    )
    done = with_aliases(found, aliases)
    assert ["Mara Voss", "Tom Hale"] == [one.name for one in done.authors]
    assert (Person("Mara Voss", "photographer"),) == done.contributors
    assert [("author", "Mara Voss", RULE, "authors.toml: 'M. Voss' is 'Mara Voss'")] == [
        (one.field, one.value, one.rule, one.evidence) for one in done.candidates if one.field == "author"
    ]
    assert set(done.chosen) == set(range(len(done.candidates)))
    plain = Metadata(authors=(Person("Lea Kern"),))
    assert plain is with_aliases(plain, aliases)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('"Mara Voss" = "M. Voss"', "a list of names is wanted"),
        ('"Mara Voss" = [1]', "a list of names is wanted"),
        ('"Mara Voss" = ["M. Voss"]\n"Max Voss" = ["M. Voss"]', "stands for 'Mara Voss' and for 'Max Voss'"),
        ('"Mara Voss" = ["M. Voss"]\n"M. Voss" = ["MV"]', "write them together"),
        ('"Mara Voss" = [', "authors.toml"),
    ],
)
def test_a_wrong_file_is_one_message(toml: str, message: str) -> None:
    """What the file cannot mean is said in one line."""
    with pytest.raises(ConfigError, match=message):
        parse_aliases(toml, "authors.toml")
