"""Rights, addresses, personal data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.metadata.pii import find
from corpuskit.metadata.rights import as_spdx, rights, spdx
from corpuskit.metadata.tags import language_code
from corpuskit.metadata.urls import canonical, site
from corpuskit.model import Candidate


def licences(text: str) -> list[str]:
    """The licences that a text states."""
    return [entry.value for entry in rights(text) if entry.field == "license"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://creativecommons.org/licenses/by-sa/4.0/ for terms.", ["CC-BY-SA-4.0"]),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/", ["CC-BY-NC-SA-3.0-DE"]),
        ("https://creativecommons.org/publicdomain/zero/1.0/", ["CC0-1.0"]),
        ("This essay is CC BY-NC 4.0.", ["CC-BY-NC-4.0"]),
        ("Licensed under CC BY, please credit me.", ["NOASSERTION"]),
        ("a Creative Commons Attribution-ShareAlike 4.0 International License", ["CC-BY-SA-4.0"]),
        ("Creative Commons Namensnennung - Nicht kommerziell 3.0 Deutschland", ["CC-BY-NC-3.0"]),
        ("© 2020 The Evening Gull. All rights reserved.", ["NOASSERTION"]),
        ("Alle Rechte vorbehalten.", ["NOASSERTION"]),
        ("She fought for the rights of ferrymen.", []),
        ("The kitchen holds 300 cc by volume.", []),
    ],
)
def test_licences(text: str, expected: list[str]) -> None:
    """A licence is an SPDX id, NOASSERTION where it cannot be told which, nothing where none is stated."""
    assert expected == licences(text)


def test_spdx_keeps_the_ports_that_have_an_id() -> None:
    """A ported licence has an id of its own only where the licence list gives it one."""
    assert ["CC-BY-3.0-DE", "CC-BY-4.0"] == [spdx("by", "3.0", "de"), spdx("by", "4.0", "de")]


def test_opt_outs_are_stated_never_inferred() -> None:
    """A reservation is recorded with its words; a copyright notice is none."""
    said = "This text may not be used to train artificial intelligence. Text und Data Mining bleibt vorbehalten."
    assert {"ai-training", "tdm"} == {entry.value for entry in rights(said) if entry.field == "opt_out"}
    assert [] == [entry for entry in rights("All rights reserved.") if entry.field == "opt_out"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Www.Example.ORG:80/a/./b?utm_source=x&b=2&a=1#top", "http://www.example.org/a/./b?a=1&b=2"),
        ("https://example.org", "https://example.org/"),
        ("https://user:pass@example.org/x?fbclid=1", "https://example.org/x"),
        ("https://example.org:8443/%7Ejane", "https://example.org:8443/~jane"),
        ("ftp://example.org/x", None),
        ("javascript:alert(1)", None),
        ("https://[bad", None),
        ("nothing", None),
    ],
)
def test_canonical(url: str, expected: str | None) -> None:
    """An address has one form; what is no web address has none."""
    assert expected == canonical(url)


@given(st.text(max_size=80))
def test_canonical_is_stable(text: str) -> None:
    """The canonical form of a canonical form is itself."""
    once = canonical(f"https://example.org/{text}")
    assert once is None or canonical(once) == once


def test_site() -> None:
    """A site is its host without the prefixes of presentation."""
    assert ["example.org", "example.org", None] == [
        site("https://www.example.org/a"),
        site("m.example.org"),
        site("a b"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to marta.quill@example.org today", [("email", "marta.quill@example.org")]),
        ("Tel.: 0471 80 60 745", [("phone", "0471 80 60 745")]),
        ("call +49 (0)471 8060745 now", [("phone", "+49 (0)471 8060745")]),
        ("(555) 010-4477", [("phone", "(555) 010-4477")]),
        ("IBAN DE89 3704 0044 0532 0130 00.", [("iban", "DE89 3704 0044 0532 0130 00")]),
        ("from 192.168.10.1 again", [("ip", "192.168.10.1")]),
        ("from 2001:db8::1 again", [("ip", "2001:db8::1")]),
        ("IBAN DE89 3704 0044 0532 0130 01.", []),
        ("version 1.2.3.4", []),
        ("from 1914 to 1918, some 12:30:45", []),
        ("pages 123-456 of 2,345,678", []),
        ("299.999.1.1", []),
    ],
)
def test_personal_data(text: str, expected: list[tuple[str, str]]) -> None:
    """Personal data are found where the rules of their format confirm them."""
    assert expected == [(entry.kind, text[entry.start : entry.end]) for entry in find(text)]


def test_kinds() -> None:
    """Only the kinds that were asked for are found."""
    assert [] == find("marta.quill@example.org", ("phone",))


@given(st.text(alphabet="abc@.+-0123456789: DE()", max_size=200))
def test_personal_data_are_disjoint(text: str) -> None:
    """What is found is sorted, disjoint and inside the text."""
    at = 0
    for entry in find(text):
        assert at <= entry.start < entry.end <= len(text)
        at = entry.end


@pytest.mark.parametrize("part", ["a@", "+1 ", "1.", "a.", "(", "DE00 ", "::", "tel: 1 "])
def test_hostile_text(part: str) -> None:
    """A long run of beginnings takes linear time: a quadratic search would not come back within the test."""
    assert isinstance(find(part * 40_000), list)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc-by-nc-sa-3.0", "CC-BY-NC-SA-3.0"),
        ("CC BY SA 4.0", "CC-BY-SA-4.0"),
        ("CC-BY-3.0-DE", "CC-BY-3.0-DE"),
        ("https://creativecommons.org/licenses/by-nd/4.0/", "CC-BY-ND-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("cc0", "CC0-1.0"),
        ("mit", "MIT"),
        ("odc-by-1.0", "ODC-By-1.0"),
        ("All rights reserved", "NOASSERTION"),
        ("© 2020 The Evening Gull", "NOASSERTION"),
        ("CC BY", "NOASSERTION"),
        ("NOASSERTION", "NOASSERTION"),
    ],
)
def test_a_licence_that_is_given_becomes_an_spdx_id(said: str, value: str) -> None:
    """Columns and pages say it in many ways; what stood there is kept as evidence."""
    found = as_spdx(Candidate("license", said, "page", "a rel=license"))
    assert value == found.value
    assert found.evidence == ("a rel=license" if said == value else f"a rel=license: {said}")


def test_other_fields_pass_through() -> None:
    """A title is no licence, whatever it says."""
    title = Candidate("title", "CC BY 4.0", "given", "title")
    assert title is as_spdx(title)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("en", "en"), ("en-US", "en"), ("pt_BR", "pt"), ("eng", "en"), ("deu,eng", "de"), ("ast", "ast"), ("English", ""),
        ("klingon-7", ""), ("xx-US", ""),
    ],
)  # fmt: skip
def test_language_tags(said: str, code: str) -> None:
    """A tag gives its ISO 639 code, the shorter where there are two; what is no tag gives none."""
    assert code == language_code(said)
