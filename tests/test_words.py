"""Hashes of stretches: the same wherever a stretch stands, on either side of the blocks in which they are reckoned."""

from __future__ import annotations

import random

import numpy as np

from corpuskit import words


def test_a_word_has_one_hash_wherever_it_stands() -> None:
    """At the beginning, across the border of any block, and behind a text of several of them."""
    (alone,) = words.scan(["Überfahrt"]).hashes
    for before in (1, words._BLOCK - 4, words._BLOCK - 1, words._BLOCK, 3 * words._BLOCK - 2):
        found = words.scan(["." * before + "ÜBERFAHRT" + "." * (2 * words._BLOCK)])
        assert (found.starts.tolist(), found.ends.tolist()) == ([before], [before + 9])
        assert found.hashes.tolist() == [alone]


def test_stretches_are_polynomials_modulo_two_to_the_64th() -> None:
    """As plain whole numbers of Python say it, for stretches of any length at any place."""
    draw = random.Random(4)
    values = [draw.getrandbits(64) for _ in range(2 * words._BLOCK + 50)]
    starts = [draw.randrange(len(values)) for _ in range(60)] + [0, 0, words._BLOCK]
    ends = [min(len(values), start + draw.randrange(90)) for start in starts[:-3]] + [len(values), 0, words._BLOCK]
    starts.sort()
    ends.sort()
    said = [
        sum((value + 1) * pow(words._BASE, at, 1 << 64) for at, value in enumerate(values[start:end])) + end - start
        for start, end in zip(starts, ends, strict=True)
    ]
    expected = words.mix(np.array([one % (1 << 64) for one in said], dtype=np.uint64))
    found = words.stretches(np.array(values, dtype=np.uint64), np.array(starts), np.array(ends))
    assert found.tolist() == expected.tolist()
