"""The card against the rows: its numbers are counted again, and what it says is held against them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from corpuskit.dataset.card import ACCOUNTED, counted, size_of
from corpuskit.dataset.front import Front, FrontConfig, languages, license_of
from corpuskit.dataset.lint import Finding, split_files
from corpuskit.dataset.markdown import count
from corpuskit.dataset.release import Funnel, Release, survey
from corpuskit.dataset.writer import ConfigFacts, FileFacts, SplitFacts

__all__ = ["recount"]

_TOOL = re.compile(r" · made with (.+?) · content `sha256:")
_REMEDY = "run `corpuskit package` again"


@dataclass(frozen=True, slots=True)
class _Read(ConfigFacts):
    """A config as it lies there."""

    stated: str = ""  #: the digest, which is compared where the rows are loaded

    @property
    def digest(self) -> str:
        return self.stated


def recount(folder: Path, text: str, card: Front) -> Iterator[Finding]:
    """Yield where the card `text`, whose YAML is `card`, says something else than the rows of the dataset in `folder`.

    Looked at are the numbers, the sources, what was removed, the languages and the licence: what rows alone decide. The
    words around them change from version to version, so the card of another version is not held against them.
    """
    from corpuskit import __version__

    tool = _TOOL.search(text)
    if tool is None or tool.group(1) != f"corpuskit {__version__}":
        return
    configs = tuple(_read(folder, config) for config in card.configs)
    release = Release("", "", "", "", configs, Funnel(0), survey(folder, configs))
    for title, section in counted(release).items():
        if section.strip() and f"\n## {title}\n\n{section.strip()}\n" not in text:
            yield _wrong(f"the section {title!r} does not say what the rows are")
    if ACCOUNTED in text and f"\n{size_of(release)}{ACCOUNTED}" not in text:
        yield _wrong("its first sentence does not say what the rows are")
    if f"\n| kept | {count(release.numbers.documents)} |" not in text:
        yield _wrong("the way from input to dataset ends with another number than there are rows")
    if [str(code) for code in card.languages] != languages(release):
        yield _wrong(f"its YAML says other languages than the rows: {', '.join(languages(release)) or 'none'}")
    own = "are under " + ", ".join(f"`{name}`" for name in card.licenses)  # as the publisher's word is told
    derived = license_of(release)
    if own not in text and (card.licenses, card.license_name) != ((derived["license"],), derived.get("license_name", "")):
        yield _wrong(f"its YAML says a licence that neither the card nor the rows do; theirs is {derived['license']!r}")


def _read(folder: Path, config: FrontConfig) -> _Read:
    splits = []
    schema = None
    for split in config.splits:
        files = []
        for path in split_files(folder, split):
            schema = schema or pq.read_schema(path)
            rows = pq.read_metadata(path).num_rows
            files.append(FileFacts(path.relative_to(folder).as_posix(), rows, path.stat().st_size, ""))
        splits.append(SplitFacts(split.name, sum(file.rows for file in files), 0, "", tuple(files), ()))
    return _Read(config.name, schema, tuple(splits), config.digest)


def _wrong(what: str) -> Finding:
    return Finding("error", "README.md", what, _REMEDY)
