"""What a build of many documents needs: the steps of dedup that see all of them, simulated small, and arithmetic.

    python benchmarks/scaling.py [--documents 400000] [--shards N] [--partitions N] [--work DIR] [--json FILE]

The simulation writes sketch records as `sketch_shard` does, of as many documents as asked for, in shards and partitions as
large as a build makes them; then it runs tasks of the package, each in a process of its own: `propose_pairs` and
`choose_pairs` on two partitions, and the tasks that are one for all documents (`place_texts`, `pack_pairs`, `stars_of`,
`identify`) with all and with a quarter of them, for the memory of each further document. Keys are random numbers, as
hashes are; how many a text has is measured on texts of 650 words; 15 % of the texts share half their keys with another.
The table of sizes multiplies what was measured, and says so; numbers of tasks and files follow from the code's constants.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpuskit.duplicates.candidates import ANCHOR, ASKED, BAND, Keys, keys_of
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.stars import STATES
from corpuskit.process import settle
from corpuskit.run import dedup as plan
from corpuskit.run import inputs
from corpuskit.tasks import ingest
from corpuskit.tasks.dedup import DedupOptions, choose_pairs, pack_pairs, place_texts, propose_pairs, stars_of
from corpuskit.tasks.dedup_files import JOINED, LINKS, ORDER, PLACES, STANDINGS, WHERE, write
from corpuskit.tasks.job import Job
from corpuskit.tasks.key_files import KeyFiles

_WORDS = 650  # of a text of 4 KB
_BYTES = 4096  # of a document
_NEAR = 0.15
_NEW = STATES.index("new")


def keys_per_text() -> dict[int, float]:
    """Return how many keys of each kind a text of 650 words has, over 300 texts of random words."""
    rng = np.random.default_rng(7)
    vocabulary = [f"w{number}" for number in range(20_000)]
    rank = np.minimum(rng.zipf(1.3, size=(300, _WORDS)) - 1, len(vocabulary) - 1)
    found = keys_of(sketch_batch([" ".join(vocabulary[word] for word in row) for row in rank.tolist()], Options()))
    return {kind: int((found.kinds == kind).sum()) / 300 for kind in (BAND, ANCHOR, ASKED)}


def alone(function: Callable[..., Any], *arguments: object) -> dict[str, float]:
    """Run `function` in a process of its own; return its CPU and wall seconds and peak memory in MB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measured, function, arguments).result()


def measured(function: Callable[..., Any], arguments: Sequence[object]) -> dict[str, float]:
    """Run `function` here and return the same."""
    began, cpu = time.monotonic(), time.process_time()
    result = function(*arguments)
    status = Path("/proc/self/status").read_text()  # getrusage would tell the parent's size, if that was larger
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - began, "peak_mb": peak, "result": float(result or 0)}


# ------------------------------------------------------------------------------------------ what is there before


def write_shards(out: Path, shards: int, texts: int, partitions: int, kinds: dict[int, float]) -> None:
    """Write the key files of all shards."""
    counts = {kind: max(1, round(count)) for kind, count in kinds.items()}
    width = sum(counts.values())
    said = np.repeat(np.array(list(counts), dtype=np.uint8), list(counts.values()))
    for shard in range(shards):
        rng = np.random.default_rng(shard)
        keys = rng.integers(0, 2**64, size=(texts, width), dtype=np.uint64)
        near = np.flatnonzero(rng.random(texts) < _NEAR)
        donors = rng.integers(0, texts, size=len(near))
        half = rng.random((len(near), width)) < 0.5
        keys[near] = np.where(half, keys[donors], keys[near])
        folder = out / f"sketch-{shard:05d}"
        folder.mkdir(parents=True)
        with KeyFiles(folder, partitions) as files:
            for start in range(0, texts, 256):
                rows = keys[start : start + 256]
                owners = np.repeat(np.arange(start, start + len(rows)), width)
                files.add(Keys(rows.ravel(), owners, np.tile(said, len(rows))))


def write_order(out: Path, shards: int, texts: int) -> None:
    """Write order.parquet and places.parquet for texts in an order that has nothing to do with that of the shards."""
    count = shards * texts
    by = np.random.default_rng(0).permutation(count)
    rank = np.empty(count, dtype=np.int64)
    rank[by] = np.arange(count)
    shard = np.repeat(np.arange(shards, dtype=np.int32), texts)
    numbers = np.random.default_rng(1).integers(100, 2000, size=count)
    columns = {
        "id": pa.array(np.char.mod("%016x", by)), "shard": shard[by], "row": by % texts, "words": numbers,
        "asked": numbers % 16, "state": np.full(count, _NEW, dtype=np.int8), "twin": np.arange(count),
    }  # fmt: skip
    write(out / "order.parquet", pa.table([columns[name] for name in ORDER.names], schema=ORDER))
    write(out / "places.parquet", pa.table([rank, shard, np.ones(count, dtype=bool)], schema=PLACES))


def write_standings(out: Path, shards: int, texts: int) -> None:
    """Write what sketching says of each text, shard by shard, and the documents as far as ids are looked at."""
    for shard in range(shards):
        rng = np.random.default_rng(shard)
        digests = rng.integers(0, 2**64, size=(2, texts), dtype=np.uint64)
        numbers = rng.integers(100, 2000, size=texts)
        columns = {
            "id": pa.array(np.char.mod("%016x", rng.integers(0, 2**62, size=texts))), "row": np.arange(texts), "words": numbers,
            "passages": numbers - rng.integers(4, 90, size=texts), "asked": np.full(texts, 8), "known": np.full(texts, 3),
            "date": pa.array(["2026-01-31"] * texts), "state": np.full(texts, _NEW, dtype=np.int8), "high": digests[0],
            "low": digests[1],
        }  # fmt: skip
        write(out / f"standings-{shard:05d}.parquet", pa.table([columns[name] for name in STANDINGS.names], schema=STANDINGS))
        write(out / f"documents-{shard:05d}.parquet", pa.table({"id": columns["id"]}))


def write_decided(out: Path, texts: int) -> None:
    """Write which texts hang together, and which are copies: 15 % of them, each with another one."""
    later = np.arange(round(_NEAR * texts)) * 2 + 1
    write(out / "joined.parquet", pa.table([later, later - 1], schema=JOINED))
    said: dict[str, Any] = {"later": later, "earlier": later - 1, "kind": ["near"] * len(later), "reason": [""] * len(later)}
    said |= dict.fromkeys(("coverage", "coverage_back", "jaccard"), np.full(len(later), 0.97))
    said |= dict.fromkeys(("longest", "lacking", "facts"), np.full(len(later), 400))
    said |= {"lost": [["a passage of a dozen words that the fuller text does not have"]] * len(later)}
    said |= dict.fromkeys(("gained", "also"), [[]] * len(later))
    for name, rows in (("drops", len(later)), ("related", len(later) // 5)):
        write(out / f"{name}.parquet", pa.table([said[column][:rows] for column in LINKS.names], schema=LINKS))


# ------------------------------------------------------------------------------------------ the tasks


def nothing() -> int:
    """Do nothing: what a process with these imports holds anyway."""
    return 0


def place(out: Path, shards: int) -> int:
    """Run the task that puts all texts in keep order."""
    standings = tuple(out / f"standings-{shard:05d}.parquet" for shard in range(shards))
    return place_texts(Job({"standings": standings}, folder(out, "place"), DedupOptions()))


def pack(out: Path, shards: int) -> int:
    """Run the task that cuts the work into loads."""
    named = {name: (out / f"{name}.parquet",) for name in ("joined", "order")}
    return pack_pairs(Job(named, folder(out, "pack"), DedupOptions(loads=shards)))


def stars(out: Path, shards: int) -> int:
    """Run the task that names what was decided."""
    del shards
    named = {name: (out / f"{name}.parquet",) for name in ("drops", "related", "order")}
    return stars_of(Job(named, folder(out, "stars"), DedupOptions()))


def identify(out: Path, shards: int) -> int:
    """Run the task that looks for ids which two documents claim."""
    documents = tuple(out / f"documents-{shard:05d}.parquet" for shard in range(shards))
    return ingest.identify(Job({"documents": documents}, folder(out, "identify"), None))


SINGLE = (place, pack, stars, identify)  # tasks of which a build has one


def propose(out: Path, shards: int, partitions: int, part: int) -> int:
    """Run the task of one partition."""
    named = {
        "keys": tuple(out / f"sketch-{shard:05d}" / f"keys-{part:04d}.parquet" for shard in range(shards)),
        "order": (out / "order.parquet",),
        "places": (out / "places.parquet",),
    }
    cut = DedupOptions(Options(), partitions, partitions, partitions, part)
    return propose_pairs(Job(named, folder(out, f"propose-{part:04d}"), cut))


def choose(out: Path, partitions: int, parts: Sequence[int]) -> int:
    """Run the task of one range of texts, on the pairs of the partitions that were proposed."""
    pairs = tuple(out / f"propose-{part:04d}" / "pairs-0000.parquet" for part in parts)
    named = {"pairs": pairs, "order": (out / "order.parquet",)}
    return choose_pairs(Job(named, folder(out, "choose"), DedupOptions(Options(), partitions, partitions)))


def folder(out: Path, name: str) -> Path:
    """Make the folder of a task."""
    made = out / name
    made.mkdir()
    return made


# ------------------------------------------------------------------------------------------ the simulation


def simulate(work: Path, documents: int, shards: int, partitions: int) -> dict[str, Any]:
    """Run the steps and return what was measured."""
    kinds = keys_per_text()
    texts = documents // shards
    base = alone(nothing)["peak_mb"]
    wrote = alone(write_shards, work, shards, texts, partitions, kinds)
    files = list(work.glob("sketch-*/keys-*.parquet"))
    size = sum(path.stat().st_size for path in files)
    few = work / "quarter"
    few.mkdir()
    singles = {}
    for out, each in ((few, texts // 4), (work, texts)):
        write_order(out, shards, each)
        write_standings(out, shards, each)
        write_decided(out, shards * each)
        singles[out] = {task.__name__: alone(task, out, shards) for task in SINGLE}
    parts = [0, partitions // 2]
    proposed = [alone(propose, work, shards, partitions, part) for part in parts]
    chosen = alone(choose, work, partitions, parts)
    count = shards * texts
    return {
        "documents": count,
        "shards": shards,
        "partitions": partitions,
        "keys_per_text": sum(kinds.values()),
        "records": count * sum(kinds.values()),
        "key_bytes_per_text": size / count,
        "order_bytes_per_text": (work / "order.parquet").stat().st_size / count,
        "places_bytes_per_text": (work / "places.parquet").stat().st_size / count,
        "wanted_bytes_per_text": (work / "pack" / "wanted.parquet").stat().st_size / count,
        "where_bytes_per_text": where_bytes(work, shards * texts),
        "base_mb": base,
        "write_us_per_text": wrote["cpu"] / count * 1e6,
        "write_peak_mb": wrote["peak_mb"],
        **{f"{name}_{key}": value for name in singles[work] for key, value in grown(singles[few], singles[work], name, count)},
        "propose_cpu_s": [one["cpu"] for one in proposed],
        "propose_peak_mb": [one["peak_mb"] for one in proposed],
        "pairs": [one["result"] for one in proposed],
        "choose_cpu_s": chosen["cpu"],
        "choose_peak_mb": chosen["peak_mb"],
    }


def grown(
    few: dict[str, dict[str, float]], all_: dict[str, dict[str, float]], name: str, count: int
) -> tuple[tuple[str, float], ...]:
    """Return what a task of all `count` documents took, and from a quarter of them to all, what each has added."""
    each = (all_[name]["peak_mb"] - few[name]["peak_mb"]) * 2**20 / (count * 3 / 4)
    return ("cpu_s", all_[name]["cpu"]), ("peak_mb", all_[name]["peak_mb"]), ("bytes_per_text", each)


def where_bytes(work: Path, count: int) -> float:
    """Return the bytes that it takes to say where the texts that are read lie, for each of all texts."""
    sizes = np.random.default_rng(2).integers(_BYTES // 2, 2 * _BYTES, size=round(2 * _NEAR * count))
    digests = np.random.default_rng(3).integers(1 << 64, size=len(sizes), dtype=np.uint64)
    columns = [np.arange(len(sizes)), np.cumsum(sizes) - sizes, sizes, digests]
    write(work / "where.parquet", pa.table(columns, schema=WHERE))
    return (work / "where.parquet").stat().st_size / count


# ------------------------------------------------------------------------------------------ arithmetic

#: For each byte of text, of 300 articles of 4 KB (`traffic.py`; the input is read a third time where it is cut).
_KEPT = 1.06  # stage files, without keys and sightings
_SIGHTINGS = 0.97  # what `count` sees of lines
_MOVED = 11.4  # all that tasks bring and take but keys, sightings and dedup's own: the documents nine times, and so on
_WANTED = 2 * _NEAR  # of all text, what dedup reads to decide


def sizes(documents: int, found: dict[str, Any]) -> dict[str, float]:
    """Return what a build of `documents` in one large file needs, by arithmetic from what was measured and what the code
    fixes.
    """
    text = documents * _BYTES
    part = max(inputs._PART_BYTES, text / inputs._MOST)
    reading = max(1.0, text / part)
    shards = reading * max(1.0, part / ingest._SHARD_BYTES)
    partitions = max(1.0, documents / plan._PER_PART)
    tasks = reading + 8 * shards + 5 * partitions
    split, between = shards * partitions, 3 * partitions**2
    keys, sightings = documents * found["key_bytes_per_text"], _SIGHTINGS * text
    files = ("order", "places", "wanted", "where")
    order, places, wanted, where = (documents * found[f"{name}_bytes_per_text"] for name in files)
    moved = {
        "stages": _MOVED * text + 2 * (keys + sightings),
        "keep order": partitions * (places + 3 * order) + places + 3 * order,
        "what is wanted": (shards + partitions) * wanted + partitions * where,
        "texts to decide": _WANTED * text,
    }
    return {
        "input, GB": text / 1e9,
        "tasks that ingest": reading,
        "shards": shards,
        "partitions": partitions,
        "tasks in all, thousands": tasks / 1e3,
        "files of keys, thousands": split / 1e3,
        "files of sightings, thousands": split / 1e3,
        "files between partitions, thousands": between / 1e3,
        "KB in a file of keys": keys / split / 1e3,
        "keys, GB": keys / 1e9,
        "sightings, GB": sightings / 1e9,
        "stage files in all, GB": (_KEPT * text + keys + sightings) / 1e9,
        "requests by URL, millions": (5 * split + 2 * between + _WANTED * documents + 6 * tasks) / 1e6,
        **{f"moved by URL: {name}, GB": value / 1e9 for name, value in moved.items()},
        "moved by URL: in all, GB": sum(moved.values()) / 1e9,
        "in each propose task: keep order, GB": documents * 14 / 1e9,
        **{f"memory of {task.__name__}, GB": memory(documents, found, task.__name__) / 1e9 for task in SINGLE},
    }


def memory(documents: int, found: dict[str, Any], task: str) -> float:
    """Return the bytes that a task needs which is one for all documents."""
    each = found[f"{task}_bytes_per_text"]
    return float(found[f"{task}_peak_mb"] * 2**20 + (documents - found["documents"]) * each)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=400_000)
    parser.add_argument("--shards", type=int, help="one for each 16 MB of text when not given, as in a build")
    parser.add_argument("--partitions", type=int, help="one for each 20,000 documents when not given, as in a build")
    parser.add_argument("--work", type=Path, help="folder for the files, some 2 KB a document")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settle()  # as the processes of a build do
    shards = options.shards or -(-options.documents * _BYTES // inputs._PART_BYTES)
    partitions = options.partitions or -(-options.documents // plan._PER_PART)
    work = Path(tempfile.mkdtemp(dir=options.work, prefix="scaling-"))
    try:
        found = simulate(work, options.documents, shards, partitions)
    finally:
        shutil.rmtree(work)
    for name, value in found.items():
        print(f"{name:<24} {value if not isinstance(value, float) else round(value, 2)}")
    tables = [sizes(documents, found) for documents in (10**7, 10**9, 10**10)]
    print()
    print(f"{'documents':<40}{'10 million':>16}{'1 billion':>18}{'10 billion':>20}")
    for name in tables[0]:
        print(f"{name:<40}" + "".join(f"{table[name]:>{16 + 2 * at},.1f}" for at, table in enumerate(tables)))
    if options.json:
        options.json.write_text(json.dumps({"measured": found, "sizes": tables}, indent=1) + "\n")


if __name__ == "__main__":
    main()
