"""Written dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.metadata.dates import clock, iso, written
from corpuskit.metadata.lexicon import lexicon


def values(text: str, language: str | None) -> list[str]:
    """The dates of `text` in ISO form."""
    return [date.value for date in written(text, lexicon(language))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Updated Feb. 3, 2022 11:48 a.m. ET", ["2022-02-03"]),
        ("en", "3rd of February, 2022", ["2022-02-03"]),
        ("en", "February 3 2022", ["2022-02-03"]),
        ("en", "Feb 2022", ["2022-02"]),
        ("en", "5/6/2019 3:15 PM PT", ["2019-05-06"]),
        ("en", "5/6/2019", ["2019"]),
        ("en", "25/6/2019", ["2019-06-25"]),
        ("de", "5/6/2019", ["2019-06-05"]),
        ("de", "Montag3. Februar 2022", ["2022-02-03"]),
        ("de", "03.02.2022, 18:30 Uhr", ["2022-02-03"]),
        ("fr", "jeudi 3 février 2022", ["2022-02-03"]),
        ("es", "3 de febrero de 2022", ["2022-02-03"]),
        ("it", "3 Febbraio 22", ["2022-02-03"]),
        ("pt", "3 de fevereiro de 2022", ["2022-02-03"]),
        ("nl", "3 februari 2022", ["2022-02-03"]),
        ("pl", "3 lutego 2022", ["2022-02-03"]),
        ("cs", "3. února 2022", ["2022-02-03"]),
        ("ru", "3 февраля 2022", ["2022-02-03"]),
        ("hu", "2022. február 3.", ["2022-02-03"]),
        ("fi", "3. helmikuuta 2022", ["2022-02-03"]),
        ("zh", "2022年2月3日", ["2022-02-03"]),
        ("ko", "2022년 2월 3일", ["2022-02-03"]),
        ("vi", "3 tháng 2 năm 2022", ["2022-02-03"]),
        ("ar", "3 فبراير 2022", ["2022-02-03"]),
        (None, "2022-02-03T10:00:00Z", ["2022-02-03"]),
        ("en", "February 30, 2022", [""]),
        ("en", "February 3", [""]),
        ("en", "version 1.2.2024.5", []),
        ("en", "part number 10-12-14", [""]),
        ("en", "we marched on", []),
    ],
)
def test_written(language: str | None, text: str, expected: list[str]) -> None:
    """A date is read in its language; what is not said stays open; what is no day has no value."""
    assert expected == values(text, language)


@pytest.mark.parametrize(
    ("text", "expected"), [("at 11:48 a.m. ET", "11:48 a.m. ET"), ("16.03 Uhr", "16.03 Uhr"), ("4:23pm", "4:23pm")]
)
def test_clock(text: str, expected: str) -> None:
    """A time of day is found with what belongs to it."""
    assert [expected] == [text[start:end] for start, end in clock(text)]


def test_two_digit_years() -> None:
    """Years of two digits are those of 1970 to 2069."""
    assert ["2069-01-01", "1970-01-01"] == [iso(69, 1, 1), iso(70, 1, 1)]


@given(st.dates())
def test_iso_round_trip(day: object) -> None:
    """Each day between 1500 and 2099 that is written in ISO form is read as itself."""
    text = str(day)
    expected = [text] if "1500" <= text[:4] <= "2099" else []
    assert expected == [value for value in values(text, "en") if "1500" <= text[:4] <= "2099"]


@given(st.text(alphabet="0123456789./- :JanFebuaryMai,日月年", max_size=60), st.sampled_from(["en", "de", "zh", None]))
def test_spans(text: str, language: str | None) -> None:
    """The dates of any text are in order, disjoint and inside it."""
    at = 0
    for date in written(text, lexicon(language)):
        assert at <= date.start < date.end <= len(text)
        at = date.end
