"""What can be said about a dataset folder without loading it: the card against the files' footers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.dataset.fields import features
from corpuskit.dataset.front import Front, FrontConfig, FrontSplit, canonical
from corpuskit.dataset.registry import LICENSES, SIZES, size_category
from corpuskit.dataset.writer import CONFIG_NAME, SPLIT_NAME
from corpuskit.errors import nearest
from corpuskit.metadata.tags import is_language

__all__ = ["Finding", "lint", "split_files"]

_REPACK = "run `corpuskit package` again"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a dataset folder."""

    level: Literal["error", "warning"]  #: an error keeps people from the data, or gives them other data
    where: str  #: file or config, relative to the folder
    message: str  #: what is wrong
    remedy: str  #: what to do about it

    def __str__(self) -> str:
        return f"{self.where}: {self.message}; {self.remedy}"


def lint(folder: Path, card: Front) -> list[Finding]:
    """Return what is wrong with the card and the files of `folder`, in the order of the card.

    Reads the YAML and the Parquet footers, no rows and no network.
    """
    return [*_words(card), *_configs(card), *_files(folder, card)]


def split_files(folder: Path, split: FrontSplit) -> list[Path]:
    """Return the files of a split in their order. The pattern is a folder and a name with a ``*``."""
    home, _, name = split.pattern.rpartition("/")
    inside = folder / home
    if not inside.is_dir() or ".." in Path(home).parts or Path(home).is_absolute():
        return []
    return sorted(path for path in inside.iterdir() if fnmatchcase(path.name, name))


def _error(where: str, message: str, remedy: str = _REPACK) -> Finding:
    return Finding("error", where, message, remedy)


def _words(card: Front) -> Iterator[Finding]:
    """Words that the Hub checks when the card is uploaded."""
    for name in card.licenses:
        if name not in LICENSES:
            hint = nearest(name, LICENSES)
            yield _error(
                "README.md", f"the Hub has no licence {name!r}{hint}", "correct `license` in card.toml"
            )
    if "other" in card.licenses and not card.license_name:
        yield _error(
            "README.md", "the licence `other` has no license_name", "add `license_name` to card.toml"
        )
    for code in card.languages:
        if not isinstance(code, str):
            yield _error(
                "README.md",
                f"a language reads as {code!r}: YAML takes an unquoted no, on or y for a truth value",
                "write it in quotes",
            )
        elif not is_language(code):
            yield _error(
                "README.md", f"the Hub has no language {code!r}", "use an ISO 639 code without a region"
            )
    for size in card.sizes:
        if size not in SIZES:
            yield _error("README.md", f"the Hub has no size category {size!r}{nearest(size, SIZES)}")


def _configs(card: Front) -> Iterator[Finding]:
    names = [config.name for config in card.configs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _error("README.md", f"config {name} is listed twice")
    defaults = [config.name for config in card.configs if config.default]
    if len(card.configs) > 1 and len(defaults) != 1:
        found = " and ".join(defaults) or "none"
        yield _error("README.md", f"one config must be the default, {found} is: load_dataset asks for a name")
    for config in card.configs:
        if not CONFIG_NAME.fullmatch(config.name):
            yield _error(config.name, "the name of the config does not load everywhere")
        if config.version.count(".") != 2:
            yield _error(
                config.name, f"the version {config.version!r} is not of the form x.y.z and breaks loading"
            )
        if not config.digest:
            yield _error(
                config.name,
                "its description has no content digest: after a rebuild datasets would serve "
                "the old rows from its cache",
            )
        if not config.splits:
            yield _error(config.name, "has no split")
        rows = [split.rows for split in config.splits]
        if (
            config.default
            and min(rows, default=-1) >= 0
            and card.sizes not in ((), (size_category(sum(rows)),))
        ):
            yield _error("README.md", f"{sum(rows):,} rows are not of the size {', '.join(card.sizes)}")
        for split in config.splits:
            if not SPLIT_NAME.fullmatch(split.name):
                yield _error(
                    config.name, f"the split {split.name!r} does not load: letters, digits, '_', '.' only"
                )
            if not split.pattern.endswith(".parquet"):
                yield _error(config.name, f"{split.pattern} would take in other files than Parquet")


def _files(folder: Path, card: Front) -> Iterator[Finding]:
    owners: dict[Path, list[str]] = {}
    for config in card.configs:
        for split in config.splits:
            paths = split_files(folder, split)
            for path in paths:
                owners.setdefault(path, []).append(config.name)
            yield from _split(folder, config, split, paths)
    for path in sorted(folder.rglob("*.parquet*")):
        where = path.relative_to(folder).as_posix()
        owned = owners.get(path, [])
        if not owned:
            yield _error(where, "belongs to no config", "delete it, or " + _REPACK)
        elif len(owned) > 1:
            yield _error(where, f"belongs to {' and '.join(owned)}")


def _split(folder: Path, config: FrontConfig, split: FrontSplit, paths: list[Path]) -> Iterator[Finding]:
    """The footers of one split against the card."""
    if not paths:
        yield _error(config.name, f"no file matches {split.pattern}")
    rows = 0
    readable = True
    first: pa.Schema | None = None
    for path in paths:
        where = path.relative_to(folder).as_posix()
        try:
            footer = pq.read_metadata(path)
            schema = footer.schema.to_arrow_schema().remove_metadata()
        except (OSError, pa.ArrowException) as error:
            readable = False
            yield _error(where, f"is not a readable Parquet file: {str(error).splitlines()[0]}")
            continue
        rows += footer.num_rows
        if footer.num_rows == 0:
            yield _error(
                where,
                "has no rows: one empty file makes the whole split unloadable",
                "delete it, or " + _REPACK,
            )
        if first is None:
            first = schema
            if config.features:
                yield from _schema(config, where, schema)
        elif schema != first:
            yield _error(where, "has another schema than the first file of its split")
    if not readable:
        return
    if split.rows < 0:
        yield _error(config.name, f"the card does not say how many rows the split {split.name} has")
    elif rows != split.rows:
        yield _error(
            config.name,
            f"the card says {split.rows:,} rows in {split.name}, the files hold {rows:,}: load_dataset refuses that",
        )


def _schema(config: FrontConfig, where: str, schema: pa.Schema) -> Iterator[Finding]:
    try:
        found = canonical(features(schema))
    except TypeError as error:
        yield _error(where, str(error))
        return
    if found != config.features:
        yield _error(where, "has other columns or types than the card's dataset_info")
