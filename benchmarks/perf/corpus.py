"""Make a corpus for timing: N documents that cost what scraped articles cost, the same ones each time.

    python benchmarks/perf/corpus.py OUT -n 100000 [--cache DIR] [--forms jsonl,parquet,txt]

The prose comes from packages that carry text (HTML, reStructuredText, manual pages, plain text; `prose.py` names and
fetches them, `--prose` takes other folders), cut into articles of about 4 KB. Then, of N documents: 10 % are in other
languages than English (the folder says which), 15 % are near copies of another (1 to 10 % of the words changed,
residue of their own; the pairs are recorded), 5 % exact copies, 5 % mojibake, and all English ones carry residue:
bylines, slot labels of advertisements, invitations, captions, notices. Technical prose is not news: read the numbers as
speed only.

OUT gets `jsonl/`, `parquet/`, `txt/` (one file per document, in folders of a hundred), `gold.parquet` (id, language,
kind, of, rate), `pairs.parquet` (a, b, kind, rate: which documents are copies of which original, and what share of the
words was changed), and last `corpus.json` with the digest of all texts. The same packages and the same N give the same
bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html
import json
import os
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prose import ALL, FEW, fetch

LANGUAGES = (
    "cs", "da", "de", "es", "fi", "fr", "hu", "id", "it", "ja",
    "ko", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
_SEED = 20261
_SHARDS = 8
_FEW_GIVE = 4_000  # documents that can be cut from the few packages
_WIDEST = 30_000  # characters
_TAG = re.compile(r"<(script|style|head)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|li|ul|ol|h\d|tr|td|table|pre|blockquote|br|section|dd|dt|dl)\b[^>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"\n\s*\n")
_PAGE = re.compile(r"^.*\[Page \d+\]\s*$|^RFC \d+ .*\d{4}\s*$|\f", re.MULTILINE)  # heads and feet of printed pages
_NO_LETTER = re.compile(r"[\W_]+")
_MAN_ESCAPE = re.compile(r"\\f(?:\(..|\[[^\]]*\]|.)|\\s[-+]?\d|\\[&|^%:/,)]|\\\[[^\]]*\]|\\\*?\(..|\\\*.")

_SLOTS = (
    "Advertisement", "ADVERTISEMENT", "Story continues below advertisement", "Sign up for our weekly newsletter",
    "Read more:", "Share this article", "Follow us on Facebook", "Click here to subscribe", "Related articles",
    "Skip to main content", "Subscribe now for unlimited access", "View comments", "Most read",
    "Get our best stories in your inbox every morning.", "Support independent journalism", "Continue reading",
)  # fmt: skip
_FIRST = ("Ada", "Bruno", "Celia", "Dmitri", "Esra", "Femi", "Greta", "Hugo", "Inés", "Jonas", "Keiko", "Luis")
_LAST = ("Abbott", "Bianchi", "Castro", "Dvořák", "Eriksen", "Farkas", "Grant", "Huber", "Ito", "Jansen", "Kaya")


@dataclass(frozen=True, slots=True)
class _Article:
    language: str
    source: str
    kind: str                 #: original, near, exact, mojibake
    of: int                   #: index of the article that a copy repeats, or -1
    paragraphs: tuple[str, ...]
    rate: float = 0.0         #: share of the words that were changed


def prose(roots: Iterable[Path]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield language, source and paragraphs of each file that carries text, in the order of their paths.

    Each root is a source: the folder of a package, named by it.
    """
    for root in roots:
        source = root.name.partition("_")[0]
        for path in sorted(root.rglob("*")):
            name = path.name.removesuffix(".gz")
            is_man = re.fullmatch(r".+\.[1-8][a-z]*", name) is not None and "man" in path.parts
            if not (is_man or name.endswith((".html", ".txt", ".rst", ".md"))):
                continue
            if path.is_symlink() or not path.is_file() or "_sources" in path.parts:  # of which the pages were made
                continue
            data = path.read_bytes()
            try:
                text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
            except (UnicodeDecodeError, OSError, EOFError):
                continue
            if is_man:
                text = _man(text)
            elif name.endswith(".html"):
                text = html.unescape(_ANY_TAG.sub("", _BLOCK.sub("\n\n", _TAG.sub("", text))))
            else:
                text = _PAGE.sub("", text)
            paragraphs = (" ".join(part.split()) for part in _BREAK.split(text))
            yield _language(path.relative_to(root)), source, [p for p in paragraphs if _is_prose(p)]


def _language(path: Path) -> str:
    for part in path.parts:
        code = re.split("[-_.]", part)[0]
        if code in LANGUAGES:
            return code
    return "en"


def _man(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        request = re.match(r"[.'](\w*|\\.)\s*(.*)", line)
        if request and request[1] in ("B", "I", "BR", "BI", "IR", "RB", "RI", "IB"):
            lines.append(request[2].replace('"', ""))
        else:
            lines.append("" if request else line)
    return _MAN_ESCAPE.sub("", "\n".join(lines)).replace(r"\-", "-").replace(r"\e", "\\")


def _is_prose(paragraph: str) -> bool:
    if not 40 <= len(paragraph) <= _WIDEST or "---" in paragraph or "+-+" in paragraph:
        return False
    return sum(map(str.isalpha, paragraph)) + paragraph.count(" ") >= 0.72 * len(paragraph)


class _Cutter:
    """Cuts the prose of one package into articles of log-normal length, across its files."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._wanted = self._size = 0

    def add(self, paragraphs: Iterable[str], seen: set[str], draw: random.Random) -> Iterator[tuple[str, ...]]:
        """Yield the articles that are full; a paragraph that stood in an earlier one is left out."""
        for paragraph in paragraphs:
            begins = _NO_LETTER.sub("", paragraph[:300]).lower()[:100]  # the same in the HTML and the Markdown of one text
            if begins in seen:
                continue
            seen.add(begins)
            self._wanted = self._wanted or max(500, min(_WIDEST, int(draw.lognormvariate(7.97, 0.6))))
            self._held.append(paragraph)
            self._size += len(paragraph)
            if self._size >= self._wanted:
                yield tuple(self._held)
                self._held, self._wanted, self._size = [], 0, 0


def _residue(paragraphs: Iterable[str], draw: random.Random) -> list[str]:
    lines = list(paragraphs)
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
    return lines


def _edited(paragraphs: Iterable[str], rate: float, vocabulary: list[str], draw: random.Random) -> tuple[str, ...]:
    """The paragraphs with a share of the words exchanged, left out or added."""
    result = []
    for paragraph in paragraphs:
        words: list[str] = []
        for word in paragraph.split(" "):
            chance = draw.random() / rate
            if chance >= 0.75:
                words.append(word)
            if chance < 0.5 or 0.75 <= chance < 1:
                words.append(draw.choice(vocabulary))
        if words:
            result.append(" ".join(words))
    return tuple(result)


def _curled(text: str) -> str:
    text = re.sub(r"(^|[\s(])\"", "\\1“", text, flags=re.MULTILINE).replace('"', "”").replace("'", "’")
    return text.replace(" -- ", " — ").replace(" - ", " – ")


def _mojibake(text: str) -> str:
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode())


def cut(roots: Iterable[Path]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield language, source and paragraphs of the articles that the prose gives."""
    draw = random.Random(_SEED)
    seen: set[str] = set()
    cutters: dict[tuple[str, str], _Cutter] = {}
    for language, source, paragraphs in prose(roots):
        for piece in cutters.setdefault((language, source), _Cutter()).add(paragraphs, seen, draw):
            yield language, source, piece


def make(
    count: int, pieces: Iterable[tuple[str, str, tuple[str, ...]]]
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Return `count` documents made of what `cut` gives and, row for row, what is known of them.

    Raises `ValueError` for want of prose.
    """
    draw = random.Random(_SEED)
    english: list[_Article] = []
    foreign: dict[str, list[_Article]] = {}
    wanted_foreign, near, exact = count // 10, count * 15 // 100, count // 20
    originals = count - wanted_foreign - near - exact
    for language, source, piece in pieces:
        article = _Article(language, source, "original", -1, piece)
        (english if language == "en" else foreign.setdefault(language, [])).append(article)
    depth = max((len(some) for some in foreign.values()), default=0)
    others = [foreign[code][at] for at in range(depth) for code in sorted(foreign) if at < len(foreign[code])]
    if len(english) < originals or len(others) < wanted_foreign:
        raise ValueError(
            f"{len(english)} English articles and {len(others)} in other languages; "
            f"{originals} and {wanted_foreign} are needed"
        )
    draw.shuffle(english)
    articles = english[:originals] + others[:wanted_foreign]
    vocabulary = sorted({w for one in articles[:1000] for p in one.paragraphs for w in p.split() if w.isalpha()})
    for _ in range(near):
        of = draw.randrange(originals)
        rate = draw.uniform(0.01, 0.10)
        changed = _edited(articles[of].paragraphs, rate, vocabulary, draw)
        articles.append(_Article("en", articles[of].source, "near", of, changed, rate))
    texts = []
    kinds = [one.kind for one in articles]
    for at, one in enumerate(articles):
        text = "\n".join(_residue(one.paragraphs, draw) if one.language == "en" else one.paragraphs)
        if one.language == "en" and draw.random() < 0.6:
            text = _curled(text)
        if at < originals and draw.random() < 0.05 * count / originals:
            broken = _mojibake(_curled(text))
            kinds[at] = "mojibake" if broken != text else kinds[at]
            text = broken
        texts.append(text)
    for _ in range(exact):
        of = draw.randrange(originals)
        articles.append(_Article("en", articles[of].source, "exact", of, ()))
        kinds.append("exact")
        texts.append(texts[of])
    order = list(range(count))
    draw.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    documents: list[dict[str, str]] = []
    gold: list[dict[str, Any]] = []
    for row, old in enumerate(order):
        one = articles[old]
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


def write(out: Path, documents: list[dict[str, str]], gold: list[dict[str, Any]], forms: Iterable[str]) -> dict[str, Any]:
    """Write the documents in the `forms` asked for ("jsonl", "parquet", "txt"), the gold beside them, and return what
    `corpus.json` says of them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    per = -(-len(documents) // _SHARDS)
    for form in forms:
        (out / form).mkdir(parents=True, exist_ok=True)
        for shard in range(_SHARDS):
            part = documents[shard * per : (shard + 1) * per]
            if form == "jsonl":
                lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in part)
                (out / form / f"{shard:05d}.jsonl").write_text(lines, encoding="utf-8")
            elif form == "parquet":
                table = pa.Table.from_pylist(part)
                pq.write_table(table, out / form / f"{shard:05d}.parquet", compression="zstd", row_group_size=1000)
            else:
                for one in part:
                    folder = out / form / one["id"][4:9]
                    folder.mkdir(exist_ok=True)
                    (folder / f"{one['id']}.txt").write_text(one["text"], encoding="utf-8", newline="")
    pq.write_table(pa.Table.from_pylist(gold), out / "gold.parquet")
    pairs = [{"a": one["id"], "b": one["of"], "kind": one["kind"], "rate": one["rate"]} for one in gold if one["of"]]
    pq.write_table(pa.Table.from_pylist(pairs), out / "pairs.parquet")
    digest = hashlib.sha256()
    for one in documents:
        digest.update(json.dumps(one, sort_keys=True).encode() + b"\n")
    said = {
        "documents": len(documents),
        "bytes": sum(len(one["text"].encode()) for one in documents),
        "sha256": digest.hexdigest(),
        "forms": list(forms),
    }
    (out / "corpus.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return said


def cache() -> Path:
    """Where prose, corpora and the environments of peers are kept."""
    home = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(home) / "corpuskit-benchmark"


def articles(folder: Path, count: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the articles that the packages give which are enough for `count` documents; both are kept below `folder`,
    until someone removes them.

    Raises `RuntimeError` where packages are not to be had.
    """
    packages = FEW if count <= _FEW_GIVE else ALL
    said = hashlib.sha256(json.dumps(packages).encode()).hexdigest()[:12]
    kept = folder / f"articles-{said}.jsonl"
    if not kept.exists():
        roots = fetch(folder / "prose", packages)
        halfway = kept.with_suffix(".part")
        with halfway.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in cut(roots))
        halfway.rename(kept)
    with kept.open(encoding="utf-8") as file:
        for line in file:
            language, source, paragraphs = json.loads(line)
            yield language, source, tuple(paragraphs)


def corpus(folder: Path, count: int, forms: Sequence[str] = ("jsonl",)) -> Path:
    """Return the folder of the corpus of `count` documents below `folder`, made where it is not there.

    Raises `RuntimeError` where packages are not to be had, `ValueError` where they hold too little.
    """
    out = folder / "corpora" / str(count)
    described = out / "corpus.json"
    if not (described.exists() and set(forms) <= set(json.loads(described.read_bytes())["forms"])):
        write(out, *make(count, articles(folder, count)), forms)
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
        documents, gold = make(given.n, cut(given.prose) if given.prose else articles(given.cache, given.n))
    except RuntimeError as error:
        sys.exit(str(error))
    except ValueError as error:
        sys.exit(f"not enough prose: {error}")
    said = write(given.out, documents, gold, given.forms.split(","))
    each = said["bytes"] / said["documents"]
    print(f"{said['documents']} documents, {said['bytes'] / 1e6:.1f} MB of text, {each:.0f} bytes each: {given.out}")
    print(f"sha256 {said['sha256']}")


if __name__ == "__main__":
    main()
