"""What a build of many documents needs: the partition step of dedup measured at scaled-down proportions, and arithmetic.

    python benchmarks/scaling.py [--documents 1000000] [--shards 64] [--partitions 20] [--work DIR] [--json FILE]

The simulation writes sketch records as `sketch_shard` does, of as many documents as asked for, in as many shards, split
into partitions of 50,000 documents' keys each, as a build of any size has them; then it runs the tasks `propose_pairs`
and `choose_pairs` of the package on two partitions, each in a process of its own. Keys are random numbers, as hashes
are; how many a text has is measured on texts of 650 words; 15 % of the texts share half their keys with another.
The table of sizes multiplies what was measured, and says so.
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
from corpuskit.tasks.dedup import DedupOptions, _KeyFiles, choose_pairs, place_texts, propose_pairs
from corpuskit.tasks.dedup_files import ORDER, PLACES, STANDINGS, write
from corpuskit.tasks.job import Job

_WORDS = 650  # of a text of 4 KB
_NEAR = 0.15


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
        return pool.submit(_measured, function, arguments).result()


def _measured(function: Callable[..., Any], arguments: Sequence[object]) -> dict[str, float]:
    began, cpu = time.monotonic(), time.process_time()
    result = function(*arguments)
    status = Path("/proc/self/status").read_text()  # getrusage would tell the parent's size, if that was larger
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - began, "peak_mb": peak, "result": float(result or 0)}


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
        with _KeyFiles(folder, partitions) as files:
            for start in range(0, texts, 256):
                rows = keys[start : start + 256]
                owners = np.repeat(np.arange(start, start + len(rows)), width)
                files.add(Keys(rows.ravel(), owners, np.tile(said, len(rows))))


def write_order(out: Path, shards: int, texts: int) -> None:
    """Write order.parquet and places.parquet for texts that stand in keep order as they come."""
    count = shards * texts
    ranks = np.arange(count, dtype=np.int64)
    shard = np.repeat(np.arange(shards, dtype=np.int32), texts)
    numbers = np.full(count, 8, dtype=np.int64)
    ids = pa.array(np.char.mod("%016x", ranks))
    state = np.full(count, 1, dtype=np.int8)
    columns = {"id": ids, "shard": shard, "row": ranks % texts, "words": numbers, "asked": numbers, "state": state, "twin": ranks}
    write(out / "order.parquet", pa.table([columns[name] for name in ORDER.names], schema=ORDER))
    write(out / "places.parquet", pa.table([ranks, shard, np.ones(count, dtype=bool)], schema=PLACES))


def write_standings(out: Path, shards: int, texts: int) -> None:
    """Write what sketching says of each text, shard by shard."""
    for shard in range(shards):
        rng = np.random.default_rng(shard)
        digests = rng.integers(0, 2**64, size=(2, texts), dtype=np.uint64)
        numbers = rng.integers(100, 2000, size=texts)
        columns = {
            "id": pa.array(np.char.mod("%016x", rng.integers(0, 2**62, size=texts))), "row": np.arange(texts), "words": numbers,
            "asked": np.full(texts, 8), "known": np.full(texts, 3), "date": pa.array(["2026-01-31"] * texts),
            "state": np.full(texts, 1, dtype=np.int8), "high": digests[0], "low": digests[1],
        }  # fmt: skip
        write(out / f"standings-{shard:05d}.parquet", pa.table([columns[name] for name in STANDINGS.names], schema=STANDINGS))


def place(out: Path, shards: int) -> int:
    """Run the task that puts all texts in keep order."""
    folder = out / "place"
    folder.mkdir()
    standings = tuple(out / f"standings-{shard:05d}.parquet" for shard in range(shards))
    return place_texts(Job({"standings": standings}, folder, DedupOptions(Options())))


def nothing() -> int:
    """Do nothing: what a process with these imports holds anyway."""
    return 0


def propose(out: Path, shards: int, partitions: int, part: int) -> int:
    """Run the task of one partition."""
    folder = out / f"propose-{part:04d}"
    folder.mkdir()
    inputs = {
        "keys": tuple(out / f"sketch-{shard:05d}" / f"keys-{part:04d}.parquet" for shard in range(shards)),
        "order": (out / "order.parquet",),
        "places": (out / "places.parquet",),
    }
    return propose_pairs(Job(inputs, folder, DedupOptions(Options(), partitions, partitions, partitions, part)))


def choose(out: Path, partitions: int, parts: Sequence[int]) -> int:
    """Run the task of one range of texts, on the pairs of the partitions that were proposed."""
    folder = out / "choose"
    folder.mkdir()
    pairs = tuple(out / f"propose-{part:04d}" / "pairs-0000.parquet" for part in parts)
    job = Job({"pairs": pairs, "order": (out / "order.parquet",)}, folder, DedupOptions(Options(), partitions, partitions))
    return choose_pairs(job)


def simulate(work: Path, documents: int, shards: int, partitions: int) -> dict[str, Any]:
    """Run the partition step and return what was measured."""
    kinds = keys_per_text()
    texts = documents // shards
    wrote = alone(write_shards, work, shards, texts, partitions, kinds)
    write_order(work, shards, texts)
    write_standings(work, shards, texts)
    base = alone(nothing)["peak_mb"]
    placed = alone(place, work, shards)
    files = list(work.glob("sketch-*/keys-*.parquet"))
    size = sum(path.stat().st_size for path in files)
    parts = [0, partitions // 2]
    proposed = [alone(propose, work, shards, partitions, part) for part in parts]
    chosen = alone(choose, work, partitions, parts)
    return {
        "documents": documents,
        "shards": shards,
        "partitions": partitions,
        "keys_per_text": sum(kinds.values()),
        "records": documents * sum(kinds.values()),
        "key_files": len(files),
        "key_bytes_per_text": size / documents,
        "order_bytes_per_text": sum((work / f"{name}.parquet").stat().st_size for name in ("order", "places")) / documents,
        "base_mb": base,
        "place_bytes_per_text": (placed["peak_mb"] - base) * 2**20 / documents,
        "place_cpu_s": placed["cpu"],
        "write_us_per_text": wrote["cpu"] / documents * 1e6,
        "write_peak_mb": wrote["peak_mb"],
        "propose_cpu_s": [one["cpu"] for one in proposed],
        "propose_peak_mb": [one["peak_mb"] for one in proposed],
        "pairs": [one["result"] for one in proposed],
        "choose_cpu_s": chosen["cpu"],
        "choose_peak_mb": chosen["peak_mb"],
    }


_BYTES = 4096  # of a document
_STAGE = 0.97  # bytes of stage files for each byte of text, without keys: of 300 documents of 3.4 KB, zstd level 1
_MOVED = 9.4  # bytes that tasks bring and take for each byte of text with storage by URL, without dedup's own files:
#               input three times (digest, cuts, ingest), documents' .44 seven times, cleaned's .44 five times, and so on
_WANTED = 0.3  # of all text, what dedup reads to decide, when 15 % are near copies
_PART = 16 << 20
_MOST = 4096
_PER_PARTITION = 50_000


def sizes(documents: int, measured: dict[str, Any]) -> dict[str, float]:
    """Return what a build of `documents` needs, by arithmetic from what was measured and what the code fixes."""
    text = documents * _BYTES
    part = max(_PART, text / _MOST)
    shards = max(text / part, text / (64 << 20))
    partitions = max(1.0, documents / _PER_PARTITION)
    keys = documents * measured["key_bytes_per_text"]
    order = partitions * documents * measured["order_bytes_per_text"]
    return {
        "input, GB": text / 1e9,
        "tasks that ingest": text / part,
        "shards": shards,
        "partitions": partitions,
        "tasks in all, thousands": (text / part + 8 * shards + 5 * partitions) / 1e3,
        "key files, thousands": shards * partitions / 1e3,
        "key files, KB each": keys / (shards * partitions) / 1e3,
        "keys, GB": keys / 1e9,
        "stage files, GB": (_STAGE * text + keys) / 1e9,
        "moved by URL: stages, GB": (_MOVED * text + 2 * keys) / 1e9,
        "moved by URL: keep order, GB": order / 1e9,
        "moved by URL: texts to decide, GB": _WANTED * text / 1e9,
        "keep order in each propose task, GB": documents * 13 / 1e9,
        "place task, GB of memory": documents * measured["place_bytes_per_text"] / 1e9,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("--partitions", type=int, default=20)
    parser.add_argument("--work", type=Path, help="folder for the files, some 700 bytes a document")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(dir=options.work, prefix="scaling-"))
    try:
        found = simulate(work, options.documents, options.shards, options.partitions)
    finally:
        shutil.rmtree(work)
    for name, value in found.items():
        print(f"{name:<24} {value if not isinstance(value, float) else round(value, 2)}")
    tables = [sizes(documents, found) for documents in (10**7, 10**9, 10**10)]
    print()
    print(f"{'documents':<36}{'10 million':>16}{'1 billion':>16}{'10 billion':>16}")
    for name in tables[0]:
        print(f"{name:<36}" + "".join(f"{table[name]:>16,.1f}" for table in tables))
    if options.json:
        options.json.write_text(json.dumps({"measured": found, "sizes": tables}, indent=1) + "\n")


if __name__ == "__main__":
    main()
