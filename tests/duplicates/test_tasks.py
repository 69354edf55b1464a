"""Dedup over files gives what dedup in memory gives, however the work is cut."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit.duplicates.dedup import dedup
from corpuskit.duplicates.stars import Standing, State
from corpuskit.tasks.dedup import DedupOptions, Shard, dedup_shards

VOCABULARY = [f"w{at}" for at in range(500)]


def prose(seed: int, words: int = 90) -> list[str]:
    """Words drawn at random: no two seeds share a passage."""
    return random.Random(seed).choices(VOCABULARY, k=words)


def corpus() -> dict[str, str]:
    """Forty works: some alone, some with copies, excerpts and exact twins; one long text holds several."""
    texts: dict[str, str] = {}
    for work in range(40):
        words = prose(work)
        texts[f"{work:02d}-a"] = " ".join(words)
        if work % 3 == 0:
            texts[f"{work:02d}-b"] = " ".join(words[: 85 - work % 5])
        if work % 4 == 0:
            texts[f"{work:02d}-c"] = " ".join(words).upper()
        if work % 5 == 0:
            texts[f"{work:02d}-d"] = " ".join(words[:40] + prose(100 + work, 45))
    texts["99-z"] = " ".join(prose(200, 300) + prose(7) + prose(201, 300) + prose(8))
    return texts


def write(path: Path, texts: dict[str, str]) -> Path:
    """Write a shard of texts."""
    pq.write_table(pa.table({"id": list(texts), "text": list(texts.values())}), path)
    return path


def facts(path: Path, fates: list[str], known: list[int], dates: list[str | None]) -> Path:
    """Write what stands beside a shard, row for row."""
    pq.write_table(pa.table({"fate": fates, "known": known, "date_published": dates}), path)
    return path


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    """Rows of a result."""
    found: list[dict[str, object]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


@pytest.mark.parametrize("cut", [DedupOptions(), DedupOptions(partitions=5, ranges=3, loads=4)])
@pytest.mark.parametrize("shards", [1, 3])
def test_the_files_say_what_memory_says(tmp_path: Path, cut: DedupOptions, shards: int) -> None:
    """The same stars, scores and relations for any number of shards, partitions, ranges and loads."""
    texts = corpus()
    ids = sorted(texts)
    random.Random(3).shuffle(ids)
    inputs = [
        Shard(write(tmp_path / f"{at}.parquet", {id_: texts[id_] for id_ in ids[at::shards]})) for at in range(shards)
    ]
    folder = dedup_shards(inputs, tmp_path / "work", cut)
    expected = dedup(list(texts.values()), [Standing(id_) for id_ in texts])
    assert len(expected.copies) > 20
    assert [
        (c.id, c.kept, c.edge.kind, c.edge.coverage, c.edge.jaccard, c.edge.longest, " […] ".join(c.lost), [*c.also])
        for c in expected.copies
    ] == [tuple(row.values()) for row in rows(folder, "stars")]
    assert [(r.id, r.other) for r in expected.related] == [(r["id"], r["other"]) for r in rows(folder, "related")]


def test_no_partition_gets_most_of_the_keys(tmp_path: Path) -> None:
    """Memory is that of one partition, so each must get its share; anchors are small hashes and must not crowd the
    first one."""
    path = write(tmp_path / "texts.parquet", {f"{at}": " ".join(prose(at, 300)) for at in range(60)})
    dedup_shards([Shard(path)], tmp_path / "work", DedupOptions(partitions=8))
    sizes = [pq.read_metadata(file).num_rows for file in sorted((tmp_path / "work" / "sketch-0000").glob("keys-*"))]
    assert 8 == len(sizes)
    assert max(sizes) < 2 * sum(sizes) / 8


def test_only_kept_rows_take_part_and_what_is_known_decides(tmp_path: Path) -> None:
    """A held text drops nothing; of equal texts the better known stays, then the older."""
    words = " ".join(prose(1))
    texts = {"a": words + " more of it", "b": words, "c": words, "d": words}
    path = write(tmp_path / "texts.parquet", texts)
    beside = facts(
        tmp_path / "facts.parquet",
        ["held", "kept", "kept", "kept"],
        [9, 2, 2, 1],
        ["1990", "2001", "1999-05", "1980"],
    )
    folder = dedup_shards([Shard(path, beside)], tmp_path / "work", DedupOptions())
    assert [(row["member"], row["kept"]) for row in rows(folder, "stars")] == [("b", "c"), ("d", "c")]


def test_a_release_stays_and_names_what_matched(tmp_path: Path) -> None:
    """New copies go to the released text, a released text that is read again is itself, a withdrawn one and its
    copies are withheld."""
    work, other, gone = (" ".join(prose(at)) for at in (1, 2, 3))
    states: dict[State, dict[str, str]] = {
        "new": {"n1": work + " and a few more", "r2": other, "n2": other, "n3": gone.upper(), "n4": " ".join(prose(4))},
        "released": {"r1": work, "r2": other, "r3": gone},
        "withdrawn": {"w1": gone},
    }
    inputs = [Shard(write(tmp_path / f"{state}.parquet", texts), None, state) for state, texts in states.items()]
    folder = dedup_shards(inputs, tmp_path / "work", DedupOptions())
    assert [(row["member"], row["kept"]) for row in rows(folder, "stars")] == [("n1", "r1"), ("n2", "r2")]
    assert [
        (row["member"], row["kept"]) for row in rows(folder, "withheld")
    ] == [("n3", "w1"), ("r3", "w1"), ("w1", "w1")]


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Ids are told apart before dedup; here a second one would make the order partial."""
    path = write(tmp_path / "texts.parquet", {"a": "one"})
    with pytest.raises(ValueError, match="'a' stands twice"):
        dedup_shards([Shard(path), Shard(path)], tmp_path / "work", DedupOptions())


def test_an_empty_shard_is_no_trouble(tmp_path: Path) -> None:
    """No rows in, no rows out."""
    path = tmp_path / "texts.parquet"
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "text": pa.array([], pa.string())}), path)
    folder = dedup_shards([Shard(path)], tmp_path / "work", DedupOptions(partitions=2))
    assert rows(folder, "stars") == []
