"""Conditions over columns: what they mean, what they refuse, and that nothing is evaluated."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit import schemas
from corpuskit.errors import ConfigError
from corpuskit.metadata.expressions import COLUMNS, parse
from corpuskit.metadata.options import FilterOptions

ROW: dict[str, Any] = {
    **dict.fromkeys(COLUMNS),
    "words": 40,
    "lines": 5,
    "stop_word_share": 0.05,
    "language": "de",
    "title": "Der Steg",
    "authors": ["Mara Voss"],
    "gopher_quality": [],
    "characters": 0,
    "removed_characters": 3,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("words < 50", True),
        ("words < 40", False),
        ("30 < words <= 40", True),
        ("language != 'en'", True),
        ("language in ['de', 'fr']", True),
        ("language not in ['de', 'fr']", False),
        ("'Steg' in title", True),
        ("'Mara Voss' in authors and len(authors) == 1", True),
        ("len(gopher_quality) > 0", False),
        ("stop_word_share < 0.1 and lines > 3", True),
        ("not (words < 50) or lines == 5", True),
        ("words - 2 * lines == 30", True),
        ("words > -1", True),
        ("license is None", True),
        ("license == None", True),
        ("language is not None", True),
    ],
)
def test_meaning(text: str, holds: bool) -> None:
    """A condition means what it means in Python."""
    assert holds == parse(text).holds(ROW)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("license == 'CC0-1.0'", False),
        ("license != 'CC0-1.0'", False),
        ("not (license == 'CC0-1.0')", False),
        ("license != 'CC0-1.0' or words < 50", True),
        ("license != 'CC0-1.0' and words < 50", False),
        ("not (license == 'CC0-1.0' and words > 50)", True),
        ("license in ['CC0-1.0']", False),
        ("license not in ['CC0-1.0']", False),
        ("len(publisher) < 3", False),
        ("removed_characters / characters > 0.5", False),
        ("not (removed_characters / characters > 0.5)", False),
    ],
)
def test_what_nobody_knows_drops_nothing(text: str, holds: bool) -> None:
    """A comparison with an unknown value, or a division by nothing, is unknown; what is certain anyway holds."""
    assert holds == parse(text).holds(ROW)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wrods < 50", "did you mean 'words'?"),
        ("language == null", "None is written so"),
        ("words < 'fifty'", "compares a number with a text"),
        ("language", "is a text, not a condition"),
        ("1 < 2", "names no column"),
        ("words <", "cannot be read"),
        ("words is 3", "write `==`"),
        ("words < None", "write `is None`"),
        ("3 in words", "looks for a number in a number"),
        ("words and lines > 2", "where a condition is wanted"),
        ("words in [lines]", "something else than numbers and texts"),
        ("len(words) > 2", "asks for the length"),
        ("words < True", "True or False"),
        ("words < 10000000000000000000", "a number above"),
        ("__import__('os').system('true') == 0", "no condition may hold"),
        ("words.__class__ == 3", "no condition may hold"),
        ("[x for x in authors] == 3", "no condition may hold"),
        ("9 ** 9 ** 9 > words", "no condition may hold"),
        ("(lambda: words)() < 3", "no condition may hold"),
        ("title % words == 'a'", "no condition may hold"),
        ("f'{words}' == '3'", "no condition may hold"),
        ("words < 3 #" + "x" * 1000, "longer than"),
        ("(" * 400 + "words < 3" + ")" * 400, "[filter] drop"),
        ("-" * 900 + "words < 3", "nested too deeply"),
        ("", "cannot be read"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """What is not of the grammar, or cannot be meant, is one message that says why."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_options_name_the_condition() -> None:
    """The message says which condition of the list is wrong."""
    with pytest.raises(ConfigError, match="condition 2: 'lnes > 3'"):
        FilterOptions(drop=("words < 50", "lnes > 3"))


def test_evidence_shows_the_values() -> None:
    """The evidence names each column once, in the order of the condition, long values cut."""
    assert "words = 40, language = 'de', stop_word_share = 0.05" == (
        parse("words < 50 and language != 'en' and words > 2 and stop_word_share < 1").evidence(ROW)
    )
    assert len(parse("'x' in title").evidence({"title": "long " * 100})) < 100


def test_the_columns_are_those_of_the_schema() -> None:
    """Every column that can be compared may be named, with the kind it has."""

    def kind(field: pa.Field) -> str:
        if pa.types.is_list(field.type):
            return "list" if pa.types.is_string(field.type.value_type) else ""
        return "text" if pa.types.is_string(field.type) else "number"

    never = {"id", "raw_sha256", "clean_sha256", "license_evidence", "extra_json", "known"}
    of_schema = {field.name: kind(field) for field in schemas.ENRICHED if field.name not in never and kind(field)}
    assert of_schema == COLUMNS


@given(st.text(st.sampled_from("words <>=!()[]'\"-+*/0129.,andornotin \n\\"), max_size=60))
def test_any_text_is_a_condition_or_one_message(text: str) -> None:
    """Whatever is written, it is read or refused in words, and a condition that was read can be computed."""
    try:
        held = parse(text).holds(ROW)
    except ConfigError as error:
        held, text = False, str(error)
    assert held in (True, False)
    assert text
