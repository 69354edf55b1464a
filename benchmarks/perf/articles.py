"""Articles of about 4 KB, cut out of packages that carry text, and their paragraphs dealt anew where a corpus wants more.

The packages (HTML, reStructuredText, manual pages, plain text) give some 84,000 different articles. `deal` makes as many
others of them, and again as many, each made of some twenty paragraphs from different places.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import os
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from prose import ALL, FEW, unpacked

#: Language, source and paragraphs.
Article = tuple[str, str, tuple[str, ...]]

LANGUAGES = (
    "cs", "da", "de", "es", "fi", "fr", "hu", "id", "it", "ja",
    "ko", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
_UNSPACED = ("ja", "zh")
_SEED = 20261
_FEW_GIVE = 4_000  # documents that can be made of the few packages
_WIDEST = 30_000  # characters
_TAG = re.compile(r"<(script|style|head)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|li|ul|ol|h\d|tr|td|table|pre|blockquote|br|section|dd|dt|dl)\b[^>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"\n\s*\n")
_PAGE = re.compile(r"^.*\[Page \d+\]\s*$|^RFC \d+ .*\d{4}\s*$|\f", re.MULTILINE)  # heads and feet of printed pages
_NO_LETTER = re.compile(r"[\W_]+")
_MAN_ESCAPE = re.compile(r"\\f(?:\(..|\[[^\]]*\]|.)|\\s[-+]?\d|\\[&|^%:/,)]|\\\[[^\]]*\]|\\\*?\(..|\\\*.")


def read(roots: Iterable[Path]) -> Iterator[tuple[str, str, list[str]]]:
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


def cut(roots: Iterable[Path]) -> Iterator[Article]:
    """Yield language, source and paragraphs of the articles that the prose gives."""
    draw = random.Random(_SEED)
    seen: set[str] = set()
    cutters: dict[tuple[str, str], _Cutter] = {}
    for language, source, paragraphs in read(roots):
        for piece in cutters.setdefault((language, source), _Cutter()).add(paragraphs, seen, draw):
            yield language, source, piece


def deal(given: Iterable[Article], again: int) -> Iterator[Article]:
    """Yield an article of the same language, source and length for each one given, made of paragraphs of many others.

    The paragraphs of a language are shuffled and dealt one by one, each once before any comes again; `again` says which of
    many ways. An article goes on until it is as long as the one given and no paragraph is more than a quarter of it; what it is
    longer, the next ones are shorter, by half at most. In each paragraph one word in ten, and one at least, gives way to a
    word of the paragraph dealt before, so that hardly a line
    stands twice.
    """
    draw = random.Random(_SEED + again)
    shapes: list[tuple[str, str, int]] = []
    decks: dict[str, list[str]] = {}
    for language, source, paragraphs in given:
        shapes.append((language, source, sum(map(len, paragraphs))))
        decks.setdefault(language, []).extend(paragraphs)
    dealt = {language: _dealt(deck, "" if language in _UNSPACED else " ", draw) for language, deck in decks.items()}
    over = dict.fromkeys(decks, 0)
    for language, source, length in shapes:
        held: list[str] = []
        size, wanted = 0, max(length - over[language], length // 2)
        while size < wanted:
            held.append(next(dealt[language]))
            size, wanted = size + len(held[-1]), max(wanted, 4 * len(held[-1]))
        over[language] += size - length
        yield language, source, tuple(held)


def _dealt(deck: list[str], blank: str, draw: random.Random) -> Iterator[str]:
    """Yield the paragraphs of a deck with some words exchanged, shuffled anew whenever all are dealt."""

    def words_of(paragraph: str) -> list[str]:
        return paragraph.split(blank) if blank else list(paragraph)

    before = words_of(deck[-1])
    while True:
        draw.shuffle(deck)
        for paragraph in deck:
            words = words_of(paragraph)
            changed = words.copy()
            for _ in range(-(-len(words) // 10)):
                changed[int(draw.random() * len(words))] = before[int(draw.random() * len(before))]
            yield blank.join(changed)
            before = words


def cache() -> Path:
    """Where prose, corpora and the environments of peers are kept."""
    home = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(home) / "corpuskit-benchmark"


def articles(folder: Path, count: int) -> Iterator[Article]:
    """Yield the articles that the packages give which are enough for `count` documents; both are kept below `folder`,
    until someone removes them.

    Raises `RuntimeError` where packages are not to be had.
    """
    packages = FEW if count <= _FEW_GIVE else ALL
    said = hashlib.sha256(json.dumps(packages).encode()).hexdigest()[:12]
    kept = folder / f"articles-{said}.jsonl"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        roots = unpacked(folder / "prose", packages)
        halfway = kept.with_suffix(".part")
        with halfway.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in cut(roots))
        halfway.rename(kept)
    with kept.open(encoding="utf-8") as file:
        for line in file:
            language, source, paragraphs = json.loads(line)
            yield language, source, tuple(paragraphs)
