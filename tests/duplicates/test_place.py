"""Keep order over files is the one that memory gives, byte for byte, and takes little memory for each text."""

from __future__ import annotations

import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from corpuskit.duplicates.options import Options
from corpuskit.duplicates.stars import STATES, Standing, State, ranks
from corpuskit.tasks.dedup import DedupOptions, place_texts
from corpuskit.tasks.dedup_files import ORDER, PLACES, STANDINGS, write
from corpuskit.tasks.job import Job


def shard(path: Path, size: int, state: State, seed: int, ids: list[str], known_dates: bool = True) -> pa.Table:
    """Write a shard of standings; few numbers and digests, so that many are equal."""
    rng = np.random.default_rng(seed)
    dates = [None if one == 0 else f"20{one:02d}-0{one % 9 + 1}" for one in rng.integers(0, 30, size=size).tolist()]
    columns = {
        "id": ids,
        "row": np.arange(size),
        "words": rng.integers(10, 2000, size=size),
        "passages": rng.integers(5, 9, size=size),
        "asked": rng.integers(0, 9, size=size),
        "known": pa.array([None if one == 3 else one for one in rng.integers(0, 4, size=size).tolist()], pa.int64()),
        "date": pa.array(dates if known_dates else [None] * size, pa.string()),
        "state": np.full(size, STATES.index(state), dtype=np.int8),
        "high": rng.integers(0, 30, size=size, dtype=np.uint64),
        "low": rng.integers(0, 30, size=size, dtype=np.uint64),
    }
    table = pa.table([columns[name] for name in STANDINGS.names], schema=STANDINGS)
    write(path, table)
    return table


def names(seed: int, size: int) -> list[str]:
    """Distinct ids in no order, not all of one length."""
    return [f"{one:x}-é" if one % 3 else f"{one:x}" for one in random.Random(seed).sample(range(100_000), size)]


@pytest.mark.parametrize("keep_release", [True, False])
def test_order_and_places_are_those_of_memory(tmp_path: Path, keep_release: bool) -> None:
    """Texts of several shards, some without date, some equal; of ids in two states the stronger state counts once."""
    ids = names(1, 900)
    parts: list[tuple[State, list[str]]] = [
        ("new", ids[:400]), ("new", []), ("new", ids[400:600]), ("released", ids[580:700]), ("withdrawn", ids[690:720]),
        ("withdrawn", ids[:5]), ("new", ids[720:]),
    ]  # fmt: skip
    paths = [tmp_path / f"{at}.parquet" for at in range(len(parts))]
    tables = [
        shard(path, len(some), state, at, some, known_dates=at != 2)
        for at, (path, (state, some)) in enumerate(zip(paths, parts, strict=True))
    ]
    options = DedupOptions(replace(Options(), keep_release=keep_release))
    count = place_texts(Job({"standings": tuple(paths)}, tmp_path, options))

    rows = [row | {"shard": at} for at, table in enumerate(tables) for row in table.to_pylist()]
    there: dict[str, dict[str, object]] = {}
    state: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: row["state"] != STATES.index("new")):
        there.setdefault(row["id"], row)
        again = there[row["id"]]["state"] == STATES.index("new") and row["state"] == STATES.index("released")
        if not (again and not keep_release):
            state[row["id"]] = min(state.get(row["id"], 9), row["state"])
    present = [row for row in rows if there[row["id"]] is row]
    standings = [
        Standing(row["id"], row["passages"], row["known"] or 0, row["date"] or "", STATES[state[row["id"]]]) for row in present
    ]
    places = ranks(standings)
    in_order = [present[at] for at in np.argsort(places)]
    firsts: dict[tuple[int, int], int] = {}
    twin = [firsts.setdefault((row["high"], row["low"]), at) for at, row in enumerate(in_order)]
    columns = {name: [row[name] for row in in_order] for name in ("id", "shard", "row", "words", "asked")}
    columns |= {"state": [state[row["id"]] for row in in_order], "twin": twin}
    rank = {id(row): at for at, row in enumerate(in_order)}
    said = [
        [rank.get(id(row), -1) for row in rows],
        [row["shard"] for row in rows],
        [id(row) in rank and twin[rank[id(row)]] == rank[id(row)] for row in rows],
    ]
    expected = {"order": pa.table(columns, schema=ORDER), "places": pa.table(said, schema=PLACES)}
    assert count == len(present) < len(rows)
    assert len(set(twin)) < len(twin)
    for name, table in expected.items():
        write(tmp_path / f"expected-{name}.parquet", table)
        assert (tmp_path / f"{name}.parquet").read_bytes() == (tmp_path / f"expected-{name}.parquet").read_bytes()


def test_memory_for_a_text(tmp_path: Path) -> None:
    """All texts are placed in one process: each takes less than 200 bytes of what numpy and Arrow hold."""
    size, paths = 40_000, [tmp_path / f"{at}.parquet" for at in range(4)]
    for at, path in enumerate(paths):
        shard(path, size, "new", at, [f"{at * size + row:016x}" for row in range(size)])
    given, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        place_texts(Job({"standings": tuple(paths)}, tmp_path, DedupOptions()))
        numpy = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(given)
    assert (numpy + pool.max_memory()) / (4 * size) < 200
