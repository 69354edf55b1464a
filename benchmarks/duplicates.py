"""How well and how fast copies are found, beside the tools that people use.

    python benchmarks/duplicates.py                 quality on the labelled sets, and time per signature
    python benchmarks/duplicates.py --scale 100000  the tasks over files on generated texts, N/10 and N

The labelled sets are read in place from $CORPUSKIT_BENCH (or $CORPUSKIT_SHARED/bench, or ../shared/bench).
The peers run in the same process on the same texts: datasketch and rensa when they are installed, and
datatrove's recipe restated (lower-cased words, hashed 5-gram strings, 14 bands of 8 of 112 permutations,
components of all collisions), with a cheaper tokeniser than its own. A peer removes all but one text of
each component, as it is used.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from corpuskit.duplicates.dedup import Deduped, dedup
from corpuskit.duplicates.shingles import grams, tokens
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.stars import Standing

ROOT = Path(__file__).resolve().parent.parent

#: The weakest pair that the labels call a duplicate shares this much of the smaller text's 6-grams
#: ("containment6" in natural.pairs). Renderings of one page below it are not copies by that standard: one
#: extractor missed the article, or took only its first paragraph.
STANDARD = 0.915

Docs = list[dict[str, Any]]
#: For each id the texts that stay and stand for it, its representative first; a text that stays stands for itself.
Holders = dict[str, tuple[str, ...]]
Method = Callable[[Docs], Holders]


def bench() -> Path:
    """Return the folder of labelled data; exit with the reason where there is none."""
    shared = os.environ.get("CORPUSKIT_SHARED", str(ROOT.parent / "shared"))
    folder = Path(os.environ.get("CORPUSKIT_BENCH", str(Path(shared) / "bench"))) / "dedup"
    if not folder.is_dir():
        sys.exit(f"no labelled data at {folder}: set CORPUSKIT_BENCH")
    return folder


def rows(name: str) -> Docs:
    """Return the rows of one labelled file."""
    with gzip.open(bench() / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def run(docs: Docs) -> Deduped:
    """Dedup with the default options; ids decide between equals."""
    return dedup([doc["text"] for doc in docs], [Standing(doc["id"]) for doc in docs])


def corpuskit(docs: Docs) -> Holders:
    """The star of each copy, and the other kept texts that hold it."""
    holders = {copy.id: (copy.kept, *copy.also) for copy in run(docs).copies}
    return {doc["id"]: holders.get(doc["id"], (doc["id"],)) for doc in docs}


# -- peers
# ---------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    """Lower-cased words."""
    return re.findall(r"\w+", text.lower())


def shingles(text: str, size: int) -> list[str]:
    """Runs of `size` words as strings; a shorter text is one."""
    found = words(text)
    return [" ".join(found[at : at + size]) for at in range(max(1, len(found) - size + 1))]


def joined(docs: Docs, pairs: Iterable[tuple[int, int]]) -> Holders:
    """The representative of each text's component."""
    parent = list(range(len(docs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for a, b in pairs:
        a, b = root(a), root(b)
        parent[max(a, b)] = min(a, b)
    return {doc["id"]: (docs[root(at)]["id"],) for at, doc in enumerate(docs)}


_PRIME = np.uint64((1 << 61) - 1)
_DRAW = np.random.RandomState(1)
_A = _DRAW.randint(1, int(_PRIME), dtype=np.uint64, size=(1, 112))
_B = _DRAW.randint(0, int(_PRIME), dtype=np.uint64, size=(1, 112))


def datatrove_signature(text: str) -> np.ndarray:
    """112 values of the recipe: 64 bits of SHA-1 per 5-gram string, as FineWeb was made."""
    values = [int.from_bytes(hashlib.sha1(one.encode()).digest()[:8], "little") for one in shingles(text, 5)]
    with np.errstate(over="ignore"):
        hashed: np.ndarray = ((np.array(values, dtype=np.uint64)[:, None] * _A + _B) % _PRIME).min(axis=0)
    return hashed


def datatrove(docs: Docs) -> Holders:
    """14 bands of 8, no look at the texts."""
    seen: dict[tuple[int, bytes], int] = {}
    pairs = []
    for at, doc in enumerate(docs):
        bands = datatrove_signature(doc["text"]).reshape(14, 8)
        pairs += [(seen.setdefault((n, band.tobytes()), at), at) for n, band in enumerate(bands)]
    return joined(docs, pairs)


def datasketch(docs: Docs) -> Holders:
    """Its documented way: 128 permutations, threshold 0.7; word 5-grams as in the others."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.7, num_perm=128)
    pairs = []
    for at, doc in enumerate(docs):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([one.encode() for one in shingles(doc["text"], 5)])
        pairs += [(int(other), at) for other in index.query(sketch)]
        index.insert(str(at), sketch)
    return joined(docs, pairs)


def rensa(docs: Docs) -> Holders:
    """Its documented way: RMinHash, 128 permutations, 16 bands, estimated Jaccard of at least 0.7."""
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.7, num_perm=128, num_bands=16)
    sketches = []
    pairs = []
    for at, doc in enumerate(docs):
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(shingles(doc["text"], 5))
        pairs += [(other, at) for other in index.query(sketch) if sketches[other].jaccard(sketch) >= 0.7]
        index.insert(at, sketch)
        sketches.append(sketch)
    return joined(docs, pairs)


METHODS: tuple[Method, ...] = (corpuskit, datasketch, rensa, datatrove)


# -- quality
# -------------------------------------------------------------------------------------------------------


def same(holders: Holders, pair: dict[str, Any]) -> bool:
    """Whether one text stands for both texts of a labelled pair."""
    return not set(holders[pair["a"]]).isdisjoint(holders[pair["b"]])


def natural(method: Method) -> dict[str, Any]:
    """Labelled pairs of real texts: duplicates found, negatives merged."""
    holders = method(rows("natural.docs"))
    pairs = rows("natural.pairs")
    by = {label: [same(holders, pair) for pair in pairs if pair["label"] == label] for label in ("dup", "neg")}
    return {
        "natural dup found": f"{sum(by['dup'])}/{len(by['dup'])}",
        "natural neg merged": f"{sum(by['neg'])}/{len(by['neg'])}",
    }


def containment6(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the 6-grams of the smaller text that stand in the other, as the labels count it."""
    if min(len(a), len(b)) == 0:
        return 0.0
    return len(np.intersect1d(a, b)) / min(len(a), len(b))


def cleaned(every: int = 1, workers: int = 1) -> Docs:
    """The renderings of every so many-th page after cleaning with the default options, as the build dedups them.

    The line model was fitted to lines of the same pages. Each page is cleaned with the model of its fold, which saw
    neither the page nor its site; the few that no fold was dealt, with the shipped one.
    """
    pages = set(sorted({doc["cluster"] for doc in rows("renderings")})[::every])
    docs = sorted((doc for doc in rows("renderings") if doc["cluster"] in pages), key=lambda doc: fold(doc["cluster"]))
    groups = [list(group) for _, group in itertools.groupby(docs, key=lambda doc: fold(doc["cluster"]))]
    parts = [group[start : start + 64] for group in groups for start in range(0, len(group), 64)]
    if workers == 1:
        texts = [clean(part) for part in parts]
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            texts = list(pool.map(clean, parts))
    made = zip(itertools.chain(*parts), itertools.chain(*texts), strict=True)
    return [{**doc, "text": text} for doc, text in made if text]


def fold(page: str) -> int:
    """The fold of a page of the renderings, -1 for one that none was dealt."""
    from line_model.folds import fold_of

    name, _, id_ = page.partition("-")
    for extractor in ("traf", "resi"):
        with contextlib.suppress(KeyError):
            return fold_of(f"{name}.{extractor}", id_)
    return -1


def clean(docs: Docs) -> list[str]:
    """What is left of the texts of pages of one fold."""
    from cleaners import cleaner
    from corpuskit.cleaning.line_model import shipped
    from line_model.folds import model

    number = fold(docs[0]["cluster"])
    ready = cleaner("standard", shipped() if number < 0 else model(number))
    return [one.text for one in ready.clean([doc["text"] for doc in docs])]


def renderings(method: Method) -> dict[str, Any]:
    """As extracted."""
    return rendered("renderings", rows("renderings"), method)


def rendered(name: str, docs: Docs, method: Method) -> dict[str, Any]:
    """The same page through several extractors: pairs within pages that contain one another by the labels'
    standard must be found, and no pair of different pages. Pages that `natural` labels as duplicates count
    as one.

    A pair is found when a text that stays holds both: one of the two holds the other, or a third holds each of them.
    Where two renderings stay, because each has a passage that the other lacks, a third that both hold hangs on one of
    them alone; "F1 by star" takes it for missing from the other's pairs, though its text has gone and the other is
    named as holding it. "both kept" counts the pairs of which neither text goes: what a reader meets twice.
    """
    holders = method(docs)
    sets = {id_: frozenset(held) for id_, held in holders.items()}
    page = {doc["id"]: doc["cluster"] for doc in docs}
    for pair in rows("natural.pairs"):
        if pair["label"] == "dup":
            a, b = (pair[side].replace(":", "-", 1) for side in "ab")
            page = {id_: a if cluster == b else cluster for id_, cluster in page.items()}
    found = tokens([doc["text"] for doc in docs])
    shingled = {
        doc["id"]: np.unique(grams(found.hashes[found.offsets[at] : found.offsets[at + 1]], 6))
        for at, doc in enumerate(docs)
    }
    wanted = excluded = left = 0
    true, false = [0, 0], [0, 0]  # by any holder, by the star alone
    for a, b in itertools.combinations(sorted(page), 2):
        met = [not sets[a].isdisjoint(sets[b]), holders[a][0] == holders[b][0]]
        if page[a] != page[b]:
            false = [count + one for count, one in zip(false, met, strict=True)]
        elif containment6(shingled[a], shingled[b]) < STANDARD:
            excluded += 1
        else:
            wanted += 1
            true = [count + one for count, one in zip(true, met, strict=True)]
            left += holders[a] == (a,) and holders[b] == (b,)
    return {
        f"{name} precision": round(true[0] / max(1, true[0] + false[0]), 4),
        f"{name} recall": round(true[0] / max(1, wanted), 4),
        f"{name} F1": f1(true[0], false[0], wanted),
        f"{name} F1 by star": f1(true[1], false[1], wanted),
        f"{name} both kept": f"{left}/{wanted}",
        f"{name} excluded": f"{excluded / (excluded + wanted):.1%}",
    }


def f1(true: int, false: int, wanted: int) -> float:
    """The harmonic mean of precision and recall: twice the right ones over the found and the wanted."""
    return round(2 * true / max(1, true + false + wanted), 4)


def clough_stevenson(method: Method) -> dict[str, Any]:
    """Short answers written from one source text: copies cut from it, rewrites, and independent answers."""
    holders = method(rows("clough_stevenson.docs"))
    pairs = rows("clough_stevenson.pairs")
    return {
        f"answers {label} {'found' if label == 'cut' else 'merged'}": "{}/{}".format(
            sum(same(holders, pair) for pair in pairs if pair["label"] == label),
            sum(pair["label"] == label for pair in pairs),
        )
        for label in ("cut", "light", "heavy", "non")
    }


def story_chains(method: Method) -> dict[str, Any]:
    """Articles on the same story; two of the 52 are one article at two addresses of a publisher, word for
    word but for its headline sentence."""
    docs = rows("story_chains.docs")
    holders = method(docs)
    merged = sum(holders[doc["id"]][0] != doc["id"] for doc in docs)
    return {"stories merged": f"{merged}/{len(docs)}"}


def figures(method: Method, made: Docs) -> dict[str, Any]:
    """All figures of a method, by name: the set, then what was counted in it. `made` are the cleaned renderings."""
    return {
        **natural(method),
        **renderings(method),
        **rendered("cleaned", made, method),
        **clough_stevenson(method),
        **story_chains(method),
    }


def pinned(workers: int = 1) -> dict[str, dict[str, float]]:
    """What the gate holds: the figures of corpuskit by set, counts without what they are of."""
    table: dict[str, dict[str, float]] = {}
    for key, value in figures(corpuskit, cleaned(workers=workers)).items():
        name, _, what = key.partition(" ")
        if what != "excluded":  # a property of the texts
            table.setdefault(name, {})[what] = float(str(value).partition("/")[0])
    return table


def digests() -> dict[str, str]:
    """The sha256 of each labelled file."""
    return {
        path.name.removesuffix(".jsonl.gz"): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(bench().glob("*.jsonl.gz"))
    }


def quality() -> None:
    """Print the table of all methods on all sets, and each merge within story_chains."""
    table: dict[str, dict[str, Any]] = {}
    made = cleaned()
    for method in METHODS:
        try:
            table[method.__name__] = figures(method, made)
        except ImportError as error:
            print(f"{method.__name__}: left out, {error}", file=sys.stderr)
    show(table)
    for copy in run(rows("story_chains.docs")).copies:
        print(f"\nstory_chains, merged: {copy.id}\n  into {copy.kept}\n  {copy.edge}")
        print(f"  lost: {copy.lost}")


def show(table: dict[str, dict[str, Any]]) -> None:
    """Print one column per method."""
    keys = next(iter(table.values())).keys()
    width = max(map(len, keys))
    print(" " * width, *(f"{name:>12}" for name in table))
    for key in keys:
        print(f"{key:{width}}", *(f"{column[key]!s:>12}" for column in table.values()))


def edited() -> None:
    """Print how many copies with exchanged words are proposed at all, and how many are let go: what is a light
    edit, and what another text, is for the words to decide; to be decided a pair must be proposed.
    """
    docs = [doc for doc in rows("natural.docs") if len(doc["text"].split()) > 150][:400]
    pool = [word for doc in docs for word in doc["text"].split()]
    lower = [word for word in pool if word.isalpha() and word.islower()]
    print("\nwords exchanged for      proposed  dropped")
    pools = (("lower-case words", lower), ("any words", pool))
    for (name, others), rate in itertools.product(pools, (0.01, 0.03, 0.1)):
        draw = random.Random(5)
        both: Docs = []
        for at, doc in enumerate(docs):
            copy = " ".join(draw.choice(others) if draw.random() < rate else word for word in doc["text"].split())
            both += [{"id": f"{at:04d}", "text": doc["text"]}, {"id": f"{at:04d}+", "text": copy}]
        result = run(both)
        dropped, related = len(result.copies) / len(docs), len(result.related) / len(docs)
        print(f"{rate:4.0%} {name:20}{dropped + related:7.3f}  {dropped:7.3f}")


# -- speed
# ---------------------------------------------------------------------------------------------------------


def speed() -> None:
    """CPU milliseconds per document for signatures of the natural texts, one thread, best of three."""
    texts = [doc["text"] for doc in rows("natural.docs")]

    def by_batch() -> None:
        for start in range(0, len(texts), 256):
            sketch_batch(texts[start : start + 256])

    def by_recipe() -> None:
        for text in texts:
            datatrove_signature(text)

    ours, theirs = (min(timed(one) for _ in range(3)) / len(texts) * 1000 for one in (by_batch, by_recipe))
    size = sum(map(len, texts)) / len(texts)
    print(f"\nsignatures, {len(texts)} texts of {size:.0f} characters, CPU ms per text:")
    print(f"  corpuskit, with anchors and digest {ours:.3f}")
    print(f"  datatrove's recipe                 {theirs:.3f}   {theirs / ours:.1f} times as long")


def timed(work: Callable[[], None]) -> float:
    """CPU seconds of a piece of work."""
    start = time.process_time()
    work()
    return time.process_time() - start


# -- scale
# ---------------------------------------------------------------------------------------------------------


def generate(folder: Path, count: int, kind: str, shard: int = 10_000) -> list[Path]:
    """Write `count` texts of some 600 words drawn from a Zipf vocabulary, in files of `shard` texts.

    mixed: 8 % exact copies, 15 % edited or cut ones; same: all one text; frame: a template of eighty words
    in each; crowd: all near copies of one text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(7)
    # Letters only: an exchanged number would be an exchanged fact.
    letters = itertools.product("aeiklmnorstu", repeat=4)
    vocabulary = np.array(["".join(four) for four in letters], dtype=object)
    weight = 1 / np.arange(1, len(vocabulary) + 1) ** 0.9
    cumulative = np.cumsum(weight / weight.sum())

    def text(size: int) -> np.ndarray:
        words: np.ndarray = vocabulary[np.searchsorted(cumulative, draw.random(size) * 0.999999)]
        return words

    frame, work = " ".join(text(80)), text(600)
    recent: list[np.ndarray] = []
    paths = []
    for start in range(0, count, shard):
        texts = []
        for at in range(start, min(count, start + shard)):
            chance = draw.random()
            if kind == "same":
                made = work
            elif kind == "crowd":
                made = np.concatenate([text(3), work[: 600 - at % 20]])
            elif kind == "mixed" and chance < 0.23 and recent:
                made = recent[int(draw.integers(len(recent)))].copy()
                if chance > 0.08:
                    edits = draw.integers(len(made), size=max(1, len(made) // 50))
                    made[edits] = text(len(edits))
                    made = made[: len(made) - int(draw.integers(len(made) // 2))] if chance > 0.19 else made
            else:
                made = text(int(draw.integers(200, 1000)))
            if kind == "mixed":
                recent = [*recent[-999:], made]
            texts.append((frame + " " if kind == "frame" else "") + " ".join(made))
        paths.append(folder / f"{start:08d}.parquet")
        ids = [f"{at:08d}" for at in range(start, start + len(texts))]
        pq.write_table(pa.table({"id": ids, "text": texts}), paths[-1], row_group_size=256)
    return paths


def scale(count: int, kind: str) -> None:
    """Run the tasks on N/10 and on N texts, each in a process of its own, and print time and memory."""
    for size in (count // 10, count):
        subprocess.run([sys.executable, __file__, "--one", str(size), "--kind", kind], check=True)


def one(count: int, kind: str) -> None:
    """Generate, run and measure one size, in this process."""
    from corpuskit.tasks.dedup import DedupOptions, Shard, dedup_shards

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, __file__, "--generate", name, "--one", str(count), "--kind", kind]
        subprocess.run(command, check=True)
        paths = sorted(folder.glob("*.parquet"))
        parts = max(1, count // 50_000)
        start, cpu = time.time(), time.process_time()
        cut = DedupOptions(partitions=parts, ranges=parts, loads=parts)
        out = dedup_shards([Shard(path) for path in paths], folder / "work", cut)
        wall, cpu = time.time() - start, time.process_time() - cpu
        import pyarrow.parquet as pq

        dropped = pq.ParquetFile(out / "stars.parquet").metadata.num_rows
        disk = sum(path.stat().st_size for path in (folder / "work").rglob("*") if path.is_file()) / 1e9
        shutil.rmtree(folder / "work")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{kind}: {count} texts, {wall:.0f} s wall, {cpu:.0f} s CPU, {cpu / count * 1000:.2f} ms per text,"
        f" peak {peak:.0f} MB, {disk:.1f} GB on disk, {dropped} dropped"
    )


def main(arguments: Sequence[str]) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure dedup.")
    parser.add_argument("--scale", type=int, metavar="N", help="time and memory of the tasks on N/10 and N texts")
    parser.add_argument("--kind", default="mixed", choices=["mixed", "same", "frame", "crowd"])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.generate:
        generate(options.generate, options.one, options.kind)
    elif options.one:
        one(options.one, options.kind)
    elif options.scale:
        scale(options.scale, options.kind)
    else:
        quality()
        edited()
        speed()


if __name__ == "__main__":
    main(sys.argv[1:])
