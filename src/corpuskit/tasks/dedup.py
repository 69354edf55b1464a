"""Dedup as tasks over files, out of core: what `corpuskit.duplicates.dedup` does in memory, a part at a time.

    sketch   one per shard      texts → standings, and keys split into P files
    place    one                standings → keep order
    propose  one per partition  all keys of one range → pairs, and the keys that several texts have, split into R files
    choose   one per range      all pairs of one range → what they connect
    pack     one                the components of all → Q loads of work, and the texts they need
    deal     one per range      the keys of its texts, load by load
    texts    one per shard      the texts needed, where they can be read one by one
    settle   one per load       read, decide
    stars    one                names instead of ranks

In memory at a time: one partition of the keys (P is chosen for that), and in `place`, `pack` and `stars`
some hundred bytes per document. Texts are held a few megabytes at a time, keys of those that stay as far as they
are shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from numpy.typing import NDArray

from corpuskit import schemas
from corpuskit.duplicates.candidates import Keys, Pairs, keys_of, linked, merge, propose, shared, within
from corpuskit.duplicates.dedup import spread, twins
from corpuskit.duplicates.index import Rooms, members
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.stars import STATES, State, components, settle
from corpuskit.tasks import shards
from corpuskit.tasks.dedup_files import (
    JOINED,
    KEYS,
    ORDER,
    PAIRS,
    PLACES,
    RELATED,
    STANDINGS,
    WANTED,
    WHERE,
    Library,
    links_batch,
    write,
)
from corpuskit.tasks.job import Job
from corpuskit.tasks.key_files import HELD, KeyFiles

__all__ = [
    "DedupOptions",
    "Shard",
    "choose_pairs",
    "deal_keys",
    "dedup_shards",
    "pack_pairs",
    "place_texts",
    "propose_pairs",
    "settle_load",
    "sketch_shard",
    "stars_of",
    "texts_of",
]

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DedupOptions:
    """Options of the stage, and how the work is cut. The cut changes no result."""

    dedup: Options = field(default_factory=Options)
    partitions: int = 1      #: P: files of keys per shard; one for each 20,000 documents is about right
    ranges: int = 1          #: R: files of pairs per partition
    loads: int = 1           #: Q: loads of reading
    part: int = 0            #: which shard, partition, range or load this task works on
    state: State = "new"     #: of the texts of this shard


@dataclass(frozen=True, slots=True)
class Shard:
    """A file with `id` and `text`, and beside it, row for row, one with `fate`, `known`, `date_published`.

    Only rows of fate "kept" take part; without a second file, all rows do.
    """

    texts: Path
    facts: Path | None = None
    state: State = "new"
    digest: str = ""  #: of what is in the file, where its name does not say it


def sketch_shard(job: Job) -> int:
    """Sketch one shard. In: `texts`, `facts` (none, or one). Out: standings.parquet, keys-<p>.parquet."""
    options: DedupOptions = job.options
    facts = job.inputs.get("facts", ())
    standings: list[pa.RecordBatch] = []
    count = 0
    with KeyFiles(job.out, options.partitions) as files:
        rows = _taking_part(job.one("texts"), facts[0] if facts else None)
        for (batch,), spared in job.steps((batch,) for batch in rows):
            if spared:
                continue
            sketches = sketch_batch(batch.column("text").to_pylist(), options.dedup)
            columns = [batch.column(name) for name in ("id", "row")]
            columns += [pa.array(sketches.words), pa.array(sketches.passages)]
            asked = np.bincount(sketches.anchor_texts[sketches.probes], minlength=len(batch))
            columns.append(pa.array(asked, pa.int64()))
            columns += [batch.column(name) for name in ("known", "date")]
            columns.append(pa.array(np.full(len(batch), STATES.index(options.state), dtype=np.int8)))
            columns += [pa.array(np.ascontiguousarray(sketches.digests[:, at])) for at in (0, 1)]
            standings.append(pa.RecordBatch.from_arrays(columns, schema=STANDINGS))
            keys = keys_of(sketches)
            files.add(Keys(keys.keys, keys.texts + count, keys.kinds))
            count += len(batch)
    write(job.out / "standings.parquet", pa.Table.from_batches(standings, schema=STANDINGS))
    return count


def _taking_part(texts: Path, facts: Path | None) -> Iterator[pa.RecordBatch]:
    """Yield id, row, text, known and date of the rows that take part."""
    types = [pa.string(), pa.int64(), pa.large_string(), pa.int64(), pa.string()]
    schema = pa.schema(list(zip(("id", "row", "text", "known", "date"), types, strict=True)))
    beside = shards.batches(facts, ["fate", "known", "date_published"]) if facts else None
    row = 0
    for batch in shards.batches(texts, ["id", "text"]):
        rows = pa.array(np.arange(row, row + len(batch)))
        row += len(batch)
        if beside is None:
            known = pa.array(np.zeros(len(batch), dtype=np.int64))
            date: pa.Array = pa.nulls(len(batch), pa.string())
            kept = np.ones(len(batch), dtype=bool)
        else:
            other = next(beside)
            known, date = other.column("known"), other.column("date_published")
            kept = np.array([fate == "kept" for fate in other.column("fate").to_pylist()], dtype=bool)
        columns = [batch.column("id"), rows, batch.column("text").cast(pa.large_string()), known, date]
        yield pa.RecordBatch.from_arrays(columns, schema=schema).filter(pa.array(kept))


def place_texts(job: Job) -> int:
    """Put all texts in keep order. In: `standings` (all shards). Out: order.parquet, places.parquet.

    A text of the release whose id is also among the new ones *is* the new one, which then counts as released unless
    `keep_release` is off; one that is withdrawn takes the new one of its id out. Raises `ValueError` when an id
    stands twice otherwise.
    """
    import pyarrow.compute as pc

    # All texts in one process: so a few columns at a time, and numbers in place of names.
    options: DedupOptions = job.options
    paths = job.inputs["standings"]
    ids, given = _columns(paths, "id", "state")
    sizes = [pq.read_metadata(path).num_rows for path in paths]
    shard = np.repeat(np.arange(len(paths), dtype=np.int32), sizes)
    codes = _codes(ids)
    state, present = _states(ids, codes, given.to_numpy(), options.dedup.keep_release)
    passages, known, date = _columns(paths, "passages", "known", "date")
    keys = codes, _codes(pc.fill_null(date, "\U0010ffff")), -pc.fill_null(known, 0).to_numpy(), -passages.to_numpy()
    del passages, known, date
    by = np.lexsort((*keys, state, ~present))[: int(present.sum())]
    del keys, codes
    digests = np.stack([column.to_numpy()[by] for column in _columns(paths, "high", "low")], axis=1)
    twin = twins(digests, np.arange(len(by)))
    del digests
    rank = np.full(len(ids), -1, dtype=np.int64)
    rank[by] = np.arange(len(by))
    first = np.zeros(len(ids), dtype=bool)
    first[by] = twin == np.arange(len(by))
    write(job.out / "places.parquet", pa.table([rank, shard, first], schema=PLACES))
    del rank, first
    same = [column.to_numpy()[by] for column in _columns(paths, "row", "words", "asked")]
    order = pa.table([ids.take(pa.array(by)), shard[by], *same, state[by], twin], schema=ORDER)
    write(job.out / "order.parquet", order)
    return len(by)


def _columns(paths: Sequence[Path], *names: str) -> list[pa.Array]:
    """Columns of all files, end to end."""
    table = _rows_of(paths, list(names))
    return [table.column(name).combine_chunks() for name in names]


def _states(
    ids: pa.Array, codes: NDArray[np.int32], given: NDArray[np.int8], keep_release: bool
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the state of each text, and whether it is there or another row with its id, and so its code, stands for it."""
    new, released = STATES.index("new"), STATES.index("released")
    by = np.lexsort((given != new, codes))  # the new one first
    fresh = np.ones(len(by), dtype=bool)
    fresh[1:] = codes[by][1:] != codes[by][:-1]
    twice = by[~fresh & (given[by] == new)]
    if len(twice):
        raise ValueError(f"the id {ids[int(twice[0])].as_py()!r} stands twice")
    state = given.copy()
    if len(by):
        starts = np.flatnonzero(fresh)
        least = np.minimum.reduceat(given[by], starts)
        # Its own row alone says that it is released: of a text that is read again, its state is left to the reader.
        again = (given[by[fresh]] == new) & (least == released)
        state[by[fresh]] = np.where(again & (not keep_release), new, least)
    present = np.ones(len(ids), dtype=bool)
    present[by[~fresh]] = False
    return state, present


def _codes(strings: pa.Array) -> NDArray[np.int32]:
    """The place of each string among the distinct ones."""
    import pyarrow.compute as pc

    by = pc.sort_indices(strings).to_numpy()
    in_order = strings.take(pa.array(by))
    codes = np.empty(len(by), dtype=np.int32)
    changes = pc.not_equal(in_order[1:], in_order[:-1]).to_numpy(zero_copy_only=False)
    codes[by] = np.concatenate([[0], np.cumsum(changes, dtype=np.int32)])
    return codes


def propose_pairs(job: Job) -> int:
    """Pair up the texts of one partition. In: `keys` (of all shards, in their order), `order`, `places`.
    Out: pairs-<r>.parquet, shared-<r>.parquet.
    """
    options: DedupOptions = job.options
    places = shards.table(job.one("places"))
    rank, first = places.column("rank").to_numpy(), places.column("first").to_numpy()
    begins = np.searchsorted(places.column("shard").to_numpy(), np.arange(len(job.inputs["keys"])))
    parts = []
    for begin, path in zip(begins.tolist(), job.inputs["keys"], strict=True):
        table = shards.table(path)
        texts = table.column("text").to_numpy().astype(np.int64) + begin
        taking = first[texts]
        columns = table.column("key").to_numpy(), rank[texts], table.column("kind").to_numpy()
        parts.append([column[taking] for column in columns])
    count, withdrawn, _ = _counts(job.one("order"))
    keys = Keys(*(np.concatenate([part.pop(0) for part in parts]) for _ in range(3)))
    found = propose(keys, withdrawn, options.dedup)
    _write_ranges(job.out, "pairs", PAIRS, [getattr(found, name) for name in PAIRS.names], found.later, count, options)
    met = shared(keys)
    by = np.argsort(met.texts, kind="stable")
    rows = [met.keys[by], met.texts[by].astype(np.int32), met.kinds[by]]
    _write_ranges(job.out, "shared", KEYS, rows, met.texts[by], count, options)
    return len(found.later)


def _counts(order: Path) -> tuple[int, int, int]:
    """Number of texts, of withdrawn ones, and of released ones."""
    state = shards.table(order, ["state"]).column("state").to_numpy()
    withdrawn, released = (int((state == STATES.index(name)).sum()) for name in ("withdrawn", "released"))
    return len(state), withdrawn, released


def _write_ranges(
    out: Path, name: str, schema: pa.Schema, columns: Sequence[Any], ranks: I64, count: int, cut: DedupOptions
) -> None:
    """Write rows in the order of `ranks` as one file for each range of these."""
    bounds = np.searchsorted(ranks, [-(-count * number // cut.ranges) for number in range(cut.ranges + 1)])
    for number in range(cut.ranges):
        rows = slice(int(bounds[number]), int(bounds[number + 1]))
        write(out / f"{name}-{number:04d}.parquet", pa.table([column[rows] for column in columns], schema=schema))


def choose_pairs(job: Job) -> int:
    """Say what the pairs of one range connect. In: `pairs` (one range, of all partitions), `order`. Out:
    joined.parquet.
    """
    options: DedupOptions = job.options
    tables = [shards.table(path) for path in job.inputs["pairs"]]
    pairs = merge([Pairs(*(table.column(name).to_numpy() for name in PAIRS.names)) for table in tables])
    asked = shards.table(job.one("order"), ["asked"]).column("asked").to_numpy()
    later, earlier = linked(pairs, asked, options.dedup)
    # A crowd has many pairs; that all its texts hang together takes one row for each.
    ranks, place = np.unique(np.concatenate([later, earlier]), return_inverse=True)
    first = ranks[components(len(ranks), *np.split(place, 2))]
    rows = first != ranks
    write(job.out / "joined.parquet", pa.table([ranks[rows], first[rows]], schema=JOINED))
    return len(later)


def pack_pairs(job: Job) -> int:
    """Cut the work into loads that have no text in common. In: `joined` (all ranges), `order`.
    Out: wanted.parquet (the texts that are connected with others, by shard and row, each with its load).
    """
    options: DedupOptions = job.options
    order = shards.table(job.one("order"), ["shard", "row"])
    joined = _rows_of(job.inputs["joined"], JOINED.names)
    label = components(len(order), *(joined.column(name).to_numpy() for name in JOINED.names))
    ranks = np.flatnonzero((np.bincount(label, minlength=len(label)) > 1)[label])
    # Components in the order of their smallest rank, cut where the next share of all texts is full.
    label = label[ranks]
    in_order = np.sort(label)
    load = np.searchsorted(in_order, label) * options.loads // max(1, len(label))
    where = order.take(pa.array(ranks))
    wanted = pa.table([ranks, where.column("shard"), where.column("row"), label, load], schema=WANTED)
    write(job.out / "wanted.parquet", wanted.sort_by([("shard", "ascending"), ("row", "ascending")]))
    return len(ranks)


def deal_keys(job: Job) -> int:
    """Give each load the keys of its texts. In: `shared` (one range, of all partitions), `wanted`. Out:
    keys-<q>.parquet, sorted by text and kind.
    """
    options: DedupOptions = job.options
    table = _rows_of(job.inputs["shared"], KEYS.names)
    keys = Keys(*(table.column(name).to_numpy() for name in ("key", "text", "kind")))
    wanted = shards.table(job.one("wanted"), ["rank", "label", "load"]).sort_by("rank")
    ranks, label, load = (wanted.column(name).to_numpy() for name in wanted.column_names)
    at = np.minimum(np.searchsorted(ranks, keys.texts), max(0, len(ranks) - 1))
    there = np.flatnonzero(ranks[at] == keys.texts) if len(ranks) else at[:0]
    for number in range(options.loads):
        rows = there[load[at[there]] == number]
        dealt = within(Keys(keys.keys[rows], keys.texts[rows].astype(np.int64), keys.kinds[rows]), label[at[rows]])
        columns = [dealt.keys, dealt.texts.astype(np.int32), dealt.kinds]
        write(job.out / f"keys-{number:04d}.parquet", pa.table(columns, schema=KEYS))
    return len(there)


def texts_of(job: Job) -> int:
    """Take out the texts to be read. In: `texts` (one shard), `wanted`; `options.part` is the shard's number.
    Out: texts.bin (their UTF-8, end to end), where.parquet.
    """
    options: DedupOptions = job.options
    wanted = shards.table(job.one("wanted"))
    mine = wanted.filter(pa.array(wanted.column("shard").to_numpy() == options.part))
    ranks, rows = mine.column("rank").to_numpy(), mine.column("row").to_numpy()
    sizes: list[int] = []
    digests: list[int] = []
    begin = 0
    with (job.out / "texts.bin").open("wb") as file:
        for batch in shards.batches(job.one("texts"), ["text"]):
            low, high = np.searchsorted(rows, (begin, begin + len(batch)))
            for text in batch.column("text").take(pa.array(rows[low:high] - begin)).to_pylist():
                data = text.encode("utf-8")
                sizes.append(file.write(data))
                digests.append(xxhash.xxh3_64_intdigest(data))
            begin += len(batch)
    lengths = np.array(sizes, dtype=np.int64)
    columns = [ranks, np.cumsum(lengths) - lengths, lengths, np.array(digests, dtype=np.uint64)]
    write(job.out / "where.parquet", pa.table(columns, schema=WHERE))
    return len(rows)


def settle_load(job: Job) -> int:
    """Read and decide one load. In: `keys` (of all ranges, in their order), `texts` and `where` (of all shards),
    `order`. Out: drops.parquet, related.parquet.
    """
    options: DedupOptions = job.options
    _, withdrawn, released = _counts(job.one("order"))
    asked = shards.table(job.one("order"), ["asked"]).column("asked").to_numpy()
    with Library(job.sought("texts"), job.inputs["where"]) as library:
        rooms = Rooms(_all_keys(job.inputs["keys"]), options.dedup.bucket)
        dealt = members(_keys(job.inputs["keys"]), rooms)
        settled = settle(library.text, dealt, rooms, asked, withdrawn, released, options.dedup)
    for name, found in (("drops", settled.drops), ("related", settled.related)):
        write(job.out / f"{name}.parquet", pa.Table.from_batches([links_batch(found)]))
    return len(settled.drops)


def _all_keys(paths: Sequence[Path]) -> NDArray[np.uint64]:
    keys = np.empty(sum(pq.read_metadata(path).num_rows for path in paths), dtype=np.uint64)
    begin = 0
    for part in _keys(paths):
        keys[begin : begin + len(part.keys)] = part.keys
        begin += len(part.keys)
    return keys


def _keys(paths: Sequence[Path]) -> Iterator[Keys]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=HELD, use_threads=False):
                key, text, kind = (batch.column(name).to_numpy() for name in ("key", "text", "kind"))
                yield Keys(key, text.astype(np.int64), kind)


def stars_of(job: Job) -> int:
    """Name what was decided. In: `drops`, `related` (of all loads), `order`.
    Out: stars.parquet, withheld.parquet (the same columns: what a withdrawn text keeps out), related.parquet.

    A new text whose own id is withdrawn stands in withheld.parquet with itself as the kept one.
    """
    import pyarrow.compute as pc

    order = shards.table(job.one("order"), ["id", "words", "twin"])
    ids, words = order.column("id").combine_chunks(), order.column("words").to_numpy()
    _, withdrawn, released = _counts(job.one("order"))
    drops = _rows_of(job.inputs["drops"], ["later", "earlier", "kind", "coverage", "jaccard", "longest", "lost", "also"])
    later, earlier = drops.column("later").to_numpy(), drops.column("earlier").to_numpy()
    ranks, kept, rows = spread(later, earlier, order.column("twin").to_numpy(), withdrawn, released)
    own = np.arange(withdrawn)
    ranks, kept = np.concatenate([ranks, own]), np.concatenate([kept, own])
    rows = np.concatenate([rows, np.full(withdrawn, -1)])
    settled = drops.take(pa.array(rows, mask=rows < 0))
    kinds = np.where(np.arange(len(rows)) < len(rows) - withdrawn, "exact", "withdrawn").tolist()
    columns = [
        ids.take(pa.array(ranks)),
        ids.take(pa.array(kept)),
        pc.coalesce(settled.column("kind"), pa.array(kinds, pa.string())),
        pc.fill_null(settled.column("coverage"), 1.0),
        pc.fill_null(settled.column("jaccard"), 1.0),
        pc.coalesce(settled.column("longest"), pa.array(words[ranks])),
        pc.fill_null(pc.binary_join(settled.column("lost"), " […] "), ""),
        _named(settled.column("also").combine_chunks(), ids),
    ]
    named = pa.table(columns, schema=schemas.STARS)
    for name, mask in (("stars", kept >= withdrawn), ("withheld", kept < withdrawn)):
        write(job.out / f"{name}.parquet", named.filter(pa.array(mask)).sort_by("member"))

    links = _rows_of(job.inputs["related"], ["later", "earlier", *_RELATED_OF])
    columns = [ids.take(links.column(name)) for name in ("later", "earlier")]
    related = pa.table([*columns, *(links.column(name) for name in _RELATED_OF)], schema=RELATED)
    write(job.out / "related.parquet", related.sort_by([("id", "ascending"), ("other", "ascending")]))
    return len(ranks)


def _named(ranks: pa.ListArray, ids: pa.Array) -> pa.ListArray:
    """Lists of ranks as lists of ids, empty ones for null."""
    sizes = ranks.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, ids.take(ranks.flatten()))


_RELATED_OF = ("coverage", "coverage_back", "jaccard", "longest", "reason")


def _rows_of(paths: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    return pa.concat_tables([shards.table(path, columns) for path in paths])


def dedup_shards(inputs: Sequence[Shard], out: Path, options: DedupOptions) -> Path:
    """Run all tasks one after the other in this process, each in its own folder below `out`; return the
    folder with stars.parquet, withheld.parquet and related.parquet. What the build does with workers and
    markers, and the written order of the tasks.
    """

    def job(name: str, part: int, **named: Sequence[Path]) -> Job:
        folder = out / f"{name}-{part:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        return Job({key: tuple(paths) for key, paths in named.items()}, folder, replace(options, part=part))

    def made(name: str, parts: int, file: str) -> list[Path]:
        return [out / f"{name}-{part:04d}" / file for part in range(parts)]

    count = len(inputs)
    for part, shard in enumerate(inputs):
        one = job("sketch", part, texts=[shard.texts], facts=[shard.facts] if shard.facts else [])
        sketch_shard(replace(one, options=replace(one.options, state=shard.state)))
    place_texts(job("place", 0, standings=made("sketch", count, "standings.parquet")))
    order, places = made("place", 1, "order.parquet"), made("place", 1, "places.parquet")
    for part in range(options.partitions):
        keys = made("sketch", count, f"keys-{part:04d}.parquet")
        propose_pairs(job("propose", part, keys=keys, order=order, places=places))
    for part in range(options.ranges):
        pairs = made("propose", options.partitions, f"pairs-{part:04d}.parquet")
        choose_pairs(job("choose", part, pairs=pairs, order=order))
    pack_pairs(job("pack", 0, joined=made("choose", options.ranges, "joined.parquet"), order=order))
    wanted = made("pack", 1, "wanted.parquet")
    for part in range(options.ranges):
        keys = made("propose", options.partitions, f"shared-{part:04d}.parquet")
        deal_keys(job("deal", part, shared=keys, wanted=wanted))
    for part, shard in enumerate(inputs):
        texts_of(job("texts", part, texts=[shard.texts], wanted=wanted))
    texts, where = made("texts", count, "texts.bin"), made("texts", count, "where.parquet")
    for part in range(options.loads):
        keys = made("deal", options.ranges, f"keys-{part:04d}.parquet")
        settle_load(job("settle", part, keys=keys, texts=texts, where=where, order=order))
    drops, related = (made("settle", options.loads, f"{name}.parquet") for name in ("drops", "related"))
    stars_of(job("stars", 0, drops=drops, related=related, order=order))
    return out / "stars-0000"
