"""The content digest: the same rows, the same digest, and no others."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.dataset.content import Content, combine, kind, same_type

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("names", pa.list_(pa.string())),
        ("people", pa.list_(pa.struct([("name", pa.string()), ("age", pa.int64())]))),
        ("score", pa.float64()),
        ("sure", pa.bool_()),
    ]
)
WIDE = pa.schema(
    [
        ("sure", pa.bool_()),
        ("id", pa.large_string()),
        ("score", pa.float64()),
        ("people", pa.large_list(pa.struct([("age", pa.int32()), ("name", pa.large_string())]))),
        ("names", pa.large_list(pa.large_string())),
    ]
)

texts = st.none() | st.text(max_size=5)
numbers = st.none() | st.integers(-(2**31), 2**31 - 1)
people = st.none() | st.fixed_dictionaries({"name": texts, "age": numbers})
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": texts,
            "names": st.none() | st.lists(texts, max_size=3),
            "people": st.none() | st.lists(people, max_size=3),
            "score": st.none() | st.floats(),
            "sure": st.none() | st.booleans(),
        }
    ),
    max_size=8,
)


def digest(items: list[dict[str, Any]], schema: pa.Schema = SCHEMA, size: int = 100) -> str:
    """The digest of rows given as dicts, in batches of `size`."""
    content = Content(SCHEMA)
    content.add(
        pa.Table.from_batches(pa.Table.from_pylist(items, schema=schema).to_batches(size), schema=schema)
    )
    return content.digest()


@given(rows, st.integers(1, 4))
def test_batches_leave_no_trace(items: list[dict[str, Any]], size: int) -> None:
    """The digest is that of the rows, however they are cut into batches, slices of larger arrays included."""
    assert digest(items) == digest(items, size=size)


@given(rows)
def test_storage_leaves_no_trace(items: list[dict[str, Any]]) -> None:
    """Wide and narrow types, and the order of columns and members, give one digest."""
    assert digest(items) == digest(items, WIDE)


@given(rows, rows)
def test_other_rows_give_another_digest(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    """Two lists of rows have one digest only when they are the same."""
    # as JSON: the order of a row's keys is no part of it, the sign of a zero is
    same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
    assert same == (digest(left) == digest(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([{"id": None}], [{"id": ""}]),
        ([{"id": "ab"}, {"id": "c"}], [{"id": "a"}, {"id": "bc"}]),
        ([{"names": ["a"]}, {"names": ["b"]}], [{"names": ["a", "b"]}, {"names": []}]),
        ([{"names": None}], [{"names": []}]),
        ([{"names": [None]}], [{"names": [""]}]),
        ([{"people": [None]}], [{"people": [{"name": None, "age": None}]}]),
        ([{"score": None}], [{"score": 0.0}]),
        ([{"sure": None}], [{"sure": False}]),
        ([], [{"id": None}]),
    ],
)
def test_near_misses_differ(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    """Null, empty and zero are three things, and no value runs over into the next one."""
    full: dict[str, Any] = dict.fromkeys(SCHEMA.names)
    assert digest([{**full, **row} for row in left]) != digest([{**full, **row} for row in right])


def test_null_may_cover_bytes() -> None:
    """Bytes that stand under a null are no part of the content."""
    offsets, data = pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"abcd")
    covered = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\2"), offsets, data])
    contents = [Content(pa.schema([("id", pa.string())])) for _ in range(2)]
    contents[0].add(pa.record_batch({"id": covered}))
    contents[1].add(pa.record_batch({"id": pa.array([None, "cd"])}))
    assert contents[0].digest() == contents[1].digest()


def test_names_count_in_a_combination() -> None:
    """The same rows under another split name are another dataset."""
    assert combine([("train", "a"), ("test", "b")]) != combine([("train", "b"), ("test", "a")])


@pytest.mark.parametrize("odd", [pa.map_(pa.string(), pa.string()), pa.string_view(), pa.timestamp("us")])
def test_types_that_do_not_load_are_refused(odd: pa.DataType) -> None:
    """A type that some reader does not know has no kind."""
    with pytest.raises(TypeError, match="does not load everywhere"):
        kind(odd)


def test_wrong_kind_is_named() -> None:
    """A column of another kind is an error that names it."""
    with pytest.raises(TypeError, match="column id is int64"):
        Content(pa.schema([("id", pa.string())])).add(pa.record_batch({"id": pa.array([1])}))


def test_element_and_item_are_one() -> None:
    """Parquet and Arrow call the member of a list by different names."""
    parquet = pa.list_(pa.field("element", pa.struct([("a", pa.list_(pa.field("element", pa.string())))])))
    arrow = pa.list_(pa.struct([("a", pa.list_(pa.string()))]))
    other = pa.list_(pa.struct([("b", pa.list_(pa.string()))]))
    assert [True, False] == [same_type(parquet, arrow), same_type(parquet, other)]
