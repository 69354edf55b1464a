"""Source templates as tasks: a map over shards, a reduce over partitions of the sources, one list, a part per shard.

    sight    the documents of a shard → where their lines stand, in as many files as there are partitions
    learn    one partition of all shards' sightings → the templates of its sources
    decide   all partitions and the pinned file → the list that is applied, and the one that a person reads
    select   the list and one shard → what of it concerns the shard's sources

Clean depends on what `select` wrote for its shard, which is named by its content: new counts that change nothing in
the list clean nothing again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpuskit import schemas
from corpuskit.cleaning.learning import LEAST_DOCUMENTS, MOST_DOCUMENTS, learn
from corpuskit.cleaning.sightings import Sightings, hash_of, look
from corpuskit.cleaning.slots import Known, known_values
from corpuskit.cleaning.templates import Template, Templates, joined, parse
from corpuskit.errors import ConfigError
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job
from corpuskit.tasks.partitions import Partitions

__all__ = ["Parts", "decide", "learn_from", "learn_part", "read_list", "read_pinned", "select", "sight", "write_list"]

#: One row per sighting. `name`, `line` and `sample` are read for the templates alone.
SIGHTINGS = pa.schema(
    [
        *((name, pa.uint64()) for name in ("source", "doc", "key", "prev", "next", "number")),
        *((name, pa.uint16()) for name in ("rank", "times", "words")),
        *((name, pa.uint8()) for name in ("zone", "flags")),
        *((name, pa.string()) for name in ("name", "line", "sample")),
    ]
)
_NUMBERS = [one.name for one in fields(Sightings)]
_ROWS = 1 << 15  # of a row group
_PACKED = {"compression": "zstd", "compression_level": 1, "use_dictionary": ["name"], "write_statistics": False}


@dataclass(frozen=True, slots=True)
class Parts:
    """How many partitions there are."""

    parts: int


# ------------------------------------------------------------------------------------------ lists as files


def write_list(path: Path, templates: Templates) -> None:
    """Write a list as JSON; the same list gives the same bytes."""
    said = {"sources": templates.sources, "templates": [astuple(one) for one in templates.entries]}
    path.write_text(json.dumps(said, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def read_list(path: Path) -> Templates:
    """Return the list that `write_list` wrote."""
    said = json.loads(path.read_text(encoding="utf-8"))
    return Templates(tuple(Template(*one) for one in said["templates"]), tuple(said["sources"]))


def read_pinned(path: Path) -> Templates:
    """Return the list of a pinned file. Raises `ConfigError` when it cannot be read or says what cannot be."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error


# ------------------------------------------------------------------------------------------ the tasks


def sight(job: Job) -> int:
    """In: `documents`. Out: seen-0000.parquet and so on, one per partition."""
    parts: int = job.options.parts
    paths = [job.out / f"seen-{part:04d}.parquet" for part in range(parts)]
    count = 0
    with Partitions(paths, SIGHTINGS, _ROWS, gather=True, **_PACKED) as files:
        read = shards.batches(job.one("documents"), ["id", "source", "given", "text"])
        for (batch,), spared in job.steps((batch,) for batch in read):
            if spared:
                continue
            count += len(batch)
            sources = batch.column("source").to_pylist()
            known = list(map(known_values, sources, schemas.given(batch)))
            rows = _rows(batch.column("text").to_pylist(), sources, known)
            at = rows.column("source").to_numpy() % np.uint64(parts)
            for part in np.unique(at).tolist():
                files.add(part, rows.take(pa.array(np.flatnonzero(at == part))))
    return count


def learn_part(job: Job) -> int:
    """In: `seen` (one partition of all shards). Out: learnt.json."""
    write_list(job.out / "learnt.json", _learn_files(job.inputs["seen"]))
    return 0


def decide(job: Job) -> int:
    """In: `learnt` (all partitions), `pinned` (a TOML file, or none). Out: list.json to apply, read.json to read."""
    learnt = joined([read_list(path) for path in job.inputs.get("learnt", ())])
    pinned = job.inputs.get("pinned", ())
    chosen = read_pinned(pinned[0]) if pinned else Templates()
    applied = learnt.coarse().under(chosen)
    write_list(job.out / "list.json", Templates(applied.entries))
    entries = learnt.under(chosen).entries
    write_list(job.out / "read.json", joined([Templates(entries, learnt.sources), Templates((), chosen.sources)]))
    return 0


def select(job: Job) -> int:
    """In: `list`, `documents`. Out: templates.json, what concerns the sources of the documents."""
    sources = shards.table(job.one("documents"), ["source"]).column("source").unique().to_pylist()
    write_list(job.out / "templates.json", read_list(job.one("list")).of(sources))
    return 0


# ------------------------------------------------------------------------------------------ numbers and texts


def _rows(texts: Sequence[str], sources: Sequence[str], known: Sequence[Known]) -> pa.RecordBatch:
    """Return the sightings of documents as rows of SIGHTINGS."""
    seen, lines, samples = look(texts, sources, known)
    names = {hash_of(source): source for source in sources if source}
    columns: dict[str, Any] = {name: getattr(seen, name) for name in _NUMBERS}
    columns["name"] = [names[source] for source in seen.source.tolist()]
    columns |= {"line": lines, "sample": samples}
    return pa.RecordBatch.from_arrays([pa.array(columns[one.name], one.type) for one in SIGHTINGS], schema=SIGHTINGS)


def _groups(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.Table]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                yield file.read_row_group(number, columns=list(columns), use_threads=False)


def _learn_files(paths: Sequence[Path]) -> Templates:
    """Learn from sightings in files, holding the numbers of at most MOST_DOCUMENTS documents of each source."""
    limits = _limits(paths)
    known = np.array(sorted(limits), dtype=np.uint64)
    last = np.array([limits[int(source)] for source in known], dtype=np.uint64)
    if not len(known):
        return Templates()
    parts: list[Sightings] = []
    for table in _groups(paths, _NUMBERS):
        seen = Sightings(*(table.column(name).to_numpy() for name in _NUMBERS))
        at = np.minimum(np.searchsorted(known, seen.source), len(known) - 1)
        parts.append(seen.take((known[at] == seen.source) & (seen.doc <= last[at])))
    every = Sightings(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NUMBERS))
    every = every.take(np.argsort(every.source, kind="stable"))
    bounds = np.searchsorted(every.source, known), np.searchsorted(every.source, known, side="right")
    learnt = {
        int(source): learn(every.take(np.arange(first, stop)))
        for source, first, stop in zip(known, *bounds, strict=True)
    }
    wanted = {(source, one.key, one.doc) for source, found in learnt.items() for one in found}
    names, texts = _texts(paths, known, wanted)
    entries = [
        Template(names[source], one.zone, line, one.documents, one.of, one.confidence, sample)
        for source, found in learnt.items()
        for one in found
        for line, sample in (texts[source, one.key, one.doc],)
    ]
    return Templates(tuple(sorted(entries)), tuple(sorted(names.values())))


def _limits(paths: Sequence[Path]) -> Mapping[int, int]:
    """Return, for each source with enough documents, the largest document hash that is looked at."""
    docs: dict[int, NDArray[np.uint64]] = {}
    for table in _groups(paths, ["source", "doc"]):
        source, doc = (table.column(name).to_numpy() for name in ("source", "doc"))
        pairs = np.unique(np.stack((source, doc), axis=1), axis=0)
        for part in np.split(pairs, np.flatnonzero(pairs[1:, 0] != pairs[:-1, 0]) + 1):
            if len(part):
                name = int(part[0, 0])
                have = docs.get(name, part[:0, 1])
                docs[name] = np.unique(np.concatenate((have, part[:, 1])))[:MOST_DOCUMENTS]
    return {name: int(found[-1]) for name, found in docs.items() if len(found) >= LEAST_DOCUMENTS}


def _texts(
    paths: Sequence[Path], sources: NDArray[np.uint64], wanted: set[tuple[int, int, int]]
) -> tuple[dict[int, str], dict[tuple[int, int, int], tuple[str, str]]]:
    """Return the names of `sources`, and line and sample of each wanted (source, key, document)."""
    names: dict[int, str] = {}
    texts: dict[tuple[int, int, int], tuple[str, str]] = {}
    keys = np.array(sorted({key for _, key, _ in wanted}), dtype=np.uint64)
    for table in _groups(paths, ["source", "doc", "key", "name", "line", "sample"]):
        source, doc, key = (table.column(name).to_numpy() for name in ("source", "doc", "key"))
        for at in np.unique(source, return_index=True)[1].tolist():
            names[int(source[at])] = table.column("name")[at].as_py()
        rows = np.flatnonzero(np.isin(key, keys))
        rows = rows[[(int(source[at]), int(key[at]), int(doc[at])) in wanted for at in rows]] if len(rows) else rows
        for at in rows.tolist():
            place = (int(source[at]), int(key[at]), int(doc[at]))
            said = (table.column("line")[at].as_py(), table.column("sample")[at].as_py())
            texts[place] = min(texts.get(place, said), said)
    return {int(one): names[int(one)] for one in sources}, texts


def learn_from(rows: Iterator[tuple[Sequence[str], Sequence[str], Sequence[Known]]], work: Path) -> Templates:
    """Learn from batches of texts, sources and known values; the sightings wait in a file in the folder `work`."""
    path = work / "seen.parquet"
    with pq.ParquetWriter(path, SIGHTINGS, **_PACKED) as writer:
        for texts, sources, known in rows:
            writer.write_batch(_rows(texts, sources, known))
    return _learn_files([path])
