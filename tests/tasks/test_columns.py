"""Rows of JSON Lines that are carried exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.sources.decoding import Trouble
from corpuskit.tasks.columns import Columns, read_columns

ODD = rb'{"big": 18446744073709551616, "small": 0.12345678901234567890, "far": [NaN, -Infinity, 1e400], "half": "\ud83d"}'


def read(line: bytes) -> Columns:
    """Return the columns of a row in which nothing is wrong."""
    row = read_columns(line)
    assert isinstance(row, Columns)
    return row


def test_what_no_parser_keeps_is_kept() -> None:
    """Numbers of many digits, NaN, infinities and half a surrogate pair leave as they came; what is set anew is written anew."""
    row = read(b' {"text": "old", ' + ODD[1:] + b" \r\n")
    row["text"] = "new"
    row["more"] = 0.5
    assert row.line() == b'{"text":"new",' + ODD[1:-1].replace(b'": ', b'":').replace(b', "', b',"') + b',"more":0.5}\n'
    assert row["big"] == 18446744073709551616


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(st.characters()), VALUES, max_size=6),
    st.booleans(),
    st.sampled_from([(",", ":"), (" ,\t", " : ")]),
)
def test_a_row_leaves_as_it_came(row: dict[str, object], escaped: bool, between: tuple[str, str]) -> None:
    """For all objects, spelled in several ways: the same names and values come out, in their order."""
    line = json.dumps(row, ensure_ascii=escaped, separators=between).encode("utf-8", "surrogatepass")
    out = json.loads(read(line).line())
    assert repr(out) == repr(row)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "same-name"),
        (b'{"a": ' + b"9" * 5000 + b"}", "bad-json"),
        (b'{"a": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "bad-json"),
        (b"[1]", "wrong-type"),
        (b'{"a": 1', "bad-json"),
    ],
)
def test_what_cannot_be_carried_is_named(line: bytes, reason: str) -> None:
    """A column that stands twice, numbers and nesting beyond all bounds, and what is no object."""
    found = read_columns(line)
    assert isinstance(found, Trouble)
    assert found.reason == reason
    assert found.remedy


def test_what_is_read_of_a_column_is_given_exactly() -> None:
    """Columns of a JSON object: keys sorted, numbers digit for digit, NaN as text; what JSON cannot hold is left as it was."""
    row = read(b'{"z": {"b": 1.50, "a": [NaN, -Infinity, 1e400]}, "id": 7, "n": 18446744073709551616}')
    said = '{"n":18446744073709551616,"z":{"a":["NaN","-Infinity",1e400],"b":1.50}}'
    assert row.exactly('{"n":1.8446744073709552e+19,"z":{"a":[null,null,null],"b":1.5}}') == said
    assert row.exactly("") == ""
    assert row.exactly('{"other":1}') == '{"other":1}'
    assert read(rb'{"a": "\ud83d"}').exactly(r'{"a":"\ud83d"}') == r'{"a":"\ud83d"}'
    assert read(b'{"a": {"b": 1, "b": 2}}').exactly('{"a":{"b":2}}') == '{"a":{"b":2}}'
