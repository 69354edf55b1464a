"""Who answers: texts that stay, the first under each key, those with most evidence; and who was withdrawn."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.duplicates.candidates import Keys
from corpuskit.duplicates.index import Index, Member, Rooms, members
from corpuskit.duplicates.options import Options


def index(withdrawn: int = 0, released: int = 0, **options: int) -> Index:
    """An index over texts that ask for sixteen anchors each, so that four must be answered; twenty keys, nine texts."""
    chosen = Options(**options)
    rooms = Rooms(np.repeat(np.arange(20, dtype=np.uint64), 9), chosen.bucket)
    return Index(rooms, np.full(99, 16), withdrawn, released, chosen)


def member(rank: int, bands: list[int], silent: list[int], asked: list[int]) -> Member:
    """A text with the keys of these numbers."""
    return Member(rank, *(np.array(keys, dtype=np.int64) for keys in (bands, silent, asked)))


def test_a_band_is_enough_and_so_is_a_share_of_the_anchors() -> None:
    """One common formula is not; that the other asks for the anchor makes no difference."""
    found = index()
    found.add(member(0, [1], [], []))
    found.add(member(1, [], [11, 12], [13, 14]))
    found.add(member(2, [], [11], []))
    assert found.ask(member(9, [1, 2], [11], [])) == [0]
    assert found.ask(member(9, [2], [], [11, 12, 13, 14])) == [1]
    assert found.ask(member(9, [2], [14], [11, 12, 13])) == []


def test_of_many_that_answer_those_with_most_evidence_are_read() -> None:
    """Then those that are kept first; an anchor tells more than a band."""
    found = index(partners=3)
    for rank, bands in enumerate([[1], [1], [1, 2, 3], [1], [1, 2]]):
        found.add(member(rank, bands, [], [11] if rank == 3 else []))
    assert found.ask(member(9, [1, 2, 3], [], [11])) == [2, 3, 4]
    assert found.ask(member(9, [1], [], [])) == [0, 1, 2]


def test_under_one_key_the_first_that_stay_answer() -> None:
    """However many stand under it."""
    found = index(bucket=3)
    for rank in range(9):
        found.add(member(rank, [1], [], []))
    assert found.ask(member(9, [1], [], [])) == [0, 1, 2]


def test_withdrawn_texts_ask_nobody_and_are_found_inside_others() -> None:
    """A text answers for a withdrawn one when it has what that one asks for, whether it asks for it itself or not."""
    found = index(withdrawn=2, released=1)
    found.add(member(0, [1], [], [11, 12, 13, 14]))
    assert found.ask(member(1, [1], [], [11, 12, 13, 14])) == []
    found.add(member(1, [2], [], []))
    assert found.ask(member(9, [], [11, 12, 13, 14, 15], [])) == [0]
    assert found.ask(member(9, [], [11, 12, 13], [])) == []


def test_a_released_text_asks_withdrawn_ones_alone() -> None:
    """Nothing else drops it."""
    found = index(withdrawn=1, released=2)
    for rank in range(2):
        found.add(member(rank, [1], [], []))
    assert found.ask(member(2, [1], [], [])) == [0]
    assert found.ask(member(3, [1], [], [])) == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 9)), max_size=60), st.integers(1, 9))
def test_texts_are_put_together_from_parts(rows: list[tuple[int, int, int]], size: int) -> None:
    """Wherever the rows are cut, each text comes once, in order, with its keys by kind."""
    rows.sort()
    texts, kinds, keys = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)) if rows else ([],) * 3
    parts = [
        Keys(
            np.array(keys[at : at + size], dtype=np.uint64),
            np.array(texts[at : at + size], dtype=np.int64),
            np.array(kinds[at : at + size], dtype=np.uint8),
        )
        for at in range(0, len(rows) + 1, size)
    ]
    every = np.array(keys, dtype=np.uint64)
    rooms = Rooms(every.copy(), 9)
    distinct = np.unique(every).tolist()
    assert [
        (one.rank, *([distinct[number] for number in column.tolist()] for column in (one.bands, one.silent, one.asked)))
        for one in members(parts, rooms)
    ] == [
        (text, *([key for t, k, key in rows if (t, k) == (text, kind)] for kind in range(3)))
        for text in sorted({text for text, _, _ in rows})
    ]
