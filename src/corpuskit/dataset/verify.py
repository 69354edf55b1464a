"""The proof that a dataset folder loads, and holds what its card says (law 7).

Every config is loaded with `datasets`, plain and streaming, from a throw-away cache: the usual one would give
back old rows for a folder it has seen before. What comes out is compared by schema, rows and content digest
with the card, which got them from the rows when they were written.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.dataset.content import Content, combine, same_type
from corpuskit.dataset.folder import writing
from corpuskit.dataset.front import Front, FrontConfig, read_front
from corpuskit.dataset.leaks import overlapping, stars
from corpuskit.dataset.lint import Finding, lint, split_files
from corpuskit.dataset.recount import recount
from corpuskit.duplicates.splits import Leak
from corpuskit.errors import VerifyError

__all__ = ["LEAKS", "Loaded", "Report", "verify"]

#: Readers besides `datasets`; each is tried when it can be imported.
OTHER_READERS = ("polars", "duckdb", "pandas")

#: Pairs over two splits that a report names; a corpus with more has another trouble.
LEAKS = 10_000

#: What the system says where a file cannot grow: disk, quota, limit of the process.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

#: Rows asked for at a time.
_ROWS = 1_000

#: Bytes of a file of the throw-away cache, which is mapped into memory to be read.
_MAPPED = 32 << 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """One config as one reader loaded it."""

    config: str
    reader: str  #: "datasets", "datasets, streaming", "polars", "duckdb", "pandas"
    rows: int
    digest: str  #: content digest of what came out


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found."""

    folder: Path
    loaded: tuple[Loaded, ...]
    findings: tuple[Finding, ...]
    leaks: tuple[Leak, ...] = ()  #: pairs over two splits that share passages, as far as they were looked for
    splits: tuple[str, ...] = ()  #: those whose texts were held against one another

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.level == "error" for finding in self.findings)

    def require(self) -> Report:
        """Return the report when all is well; raise `VerifyError` with the first error otherwise."""
        for finding in self.findings:
            if finding.level == "error":
                raise VerifyError(f"{self.folder.name}/{finding}")
        return self


def verify(
    folder: Path,
    *,
    all_readers: bool = False,
    scratch: Path | None = None,
    overlap: float | None = None,
    fresh: bool = False,
) -> Report:
    """Check the dataset in `folder` and load all of it.

    `scratch` is where the throw-away cache lies, about as large as the uncompressed texts (the system's
    temporary folder when None). With `all_readers`, polars, duckdb and pandas read the files too, as far as
    they are installed. With `overlap`, the texts of different splits whose common 13-word sequences make up that share
    of either are reported, the first `LEAKS` of them. When the card or the files are already wrong, nothing is loaded.
    Where the rows are those of its digests, the numbers of the card are counted again, unless it is `fresh` from the rows.
    No network is touched. Raises `OutputError` where that cache has no room.
    """
    folder = folder.absolute()
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        card = read_front(text)
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        remedy = "give the folder that `corpuskit package` wrote, or run it again"
        return Report(folder, (), (Finding("error", "README.md", f"cannot be read: {what}", remedy),))
    except VerifyError as error:
        message, _, remedy = str(error).removeprefix("README.md: ").rpartition("; ")
        return Report(folder, (), (Finding("error", "README.md", message, remedy),))
    findings = lint(folder, card)
    if "[" in str(folder) or "]" in str(folder):
        findings.append(
            Finding(
                "error",
                ".",
                "datasets reads the brackets in the path as a pattern and finds no files",
                "move the dataset to a path without '[' and ']'",
            )
        )
    if any(finding.level == "error" for finding in findings):
        return Report(folder, (), tuple(findings))
    findings += stars(folder, card)
    loaded: list[Loaded] = []
    for result in _load_all(folder, card, all_readers, scratch):
        if isinstance(result, Loaded):
            loaded.append(result)
        else:
            findings.append(result)
    if not fresh and not any(finding.level == "error" for finding in findings):
        findings += recount(folder, text, card)
    if overlap is None:
        return Report(folder, tuple(loaded), tuple(findings))
    shared = tuple(islice(overlapping(folder, card, overlap), LEAKS))
    splits = tuple(split.name for config in card.configs if config.name == "default" for split in config.splits)
    return Report(folder, tuple(loaded), tuple(findings), shared, splits)


def _load_all(
    folder: Path, card: Front, all_readers: bool, scratch: Path | None
) -> Iterator[Loaded | Finding]:
    schemas = [_schema(folder, config) for config in card.configs]
    with (
        tempfile.TemporaryDirectory(prefix="corpuskit-verify-", dir=scratch) as cache,
        _quiet_datasets() as datasets,
        writing(Path(cache)),
    ):
        try:
            builder_of = builders(datasets, folder, cache)
        except Exception as error:  # whatever it is, a user of the dataset would see it too
            yield from [_failed(config, "datasets", error) for config in card.configs]
        else:
            for config, schema in zip(card.configs, schemas, strict=True):
                yield from _with_datasets(builder_of, config, schema)
    if all_readers:
        for reader in OTHER_READERS:
            read = _reader(reader)
            if read is None:
                yield Finding(
                    "warning", ".", f"{reader} is not installed and was not tried", f"pip install {reader}"
                )
                continue
            for config, schema in zip(card.configs, schemas, strict=True):
                yield _with_other(reader, read, folder, config, schema)


def _schema(folder: Path, config: FrontConfig) -> pa.Schema:
    return pq.read_schema(split_files(folder, config.splits[0])[0]).remove_metadata()


@contextmanager
def _quiet_datasets() -> Iterator[Any]:
    """Give the `datasets` module, silent and without a network; its settings are put back afterwards."""
    names = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        import datasets
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    bars = datasets.utils.are_progress_bars_disabled()
    level = datasets.logging.get_verbosity()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    try:
        yield datasets
    finally:
        datasets.logging.set_verbosity(level)
        if not bars:
            datasets.enable_progress_bars()


def builders(datasets: Any, folder: Path, cache: str) -> Callable[[str], Any]:
    """Return what makes the builder of a config by its name, as `datasets.load_dataset_builder` does.

    What is called is what that calls, with the card read once for all configs: that is most of the time.
    """
    module = datasets.load.dataset_module_factory(str(folder), cache_dir=cache)
    given = {"cache_dir": cache, "hash": module.hash, **module.builder_kwargs}
    made = datasets.load.get_dataset_builder_class(module, dataset_name=given.get("dataset_name"))
    return lambda name: made(config_name=name, info=(module.dataset_infos or {}).get(name), **given)


def _with_datasets(
    builder_of: Callable[[str], Any], config: FrontConfig, schema: pa.Schema
) -> Iterator[Loaded | Finding]:
    """Load one config, plain and streaming as `datasets.load_dataset` does, and compare it with the card.

    The plain load asks for slices of the splits, which together are all of them.
    """
    try:
        builder = builder_of(config.name)
    except Exception as error:  # as above
        yield _failed(config, "datasets", error)
        return

    def plain() -> dict[str, Iterator[Any]]:
        builder.download_and_prepare(max_shard_size=_MAPPED)
        return {name: _pieces(builder, name) for name in builder.info.splits}

    def streaming() -> dict[str, Iterator[Any]]:
        return {name: iter([part]) for name, part in builder.as_streaming_dataset().items()}

    yield _loaded(config, schema, "datasets", plain)
    yield _loaded(config, schema, "datasets, streaming", streaming)


def _pieces(builder: Any, split: str) -> Iterator[Any]:
    """Yield the dataset of a split cache file by cache file: loaded at once, it would be mapped into memory at once, and
    count there."""
    known = builder.info.splits[split]
    first = 0
    for rows in known.shard_lengths or [known.num_examples]:
        yield builder.as_dataset(f"{split}[{first}:{first + rows}]")
        first += rows


def _loaded(
    config: FrontConfig, schema: pa.Schema, reader: str, load: Callable[[], dict[str, Iterator[Any]]]
) -> Loaded | Finding:
    """Compare with the card what `load` gives: the pieces of each split, one after the other."""
    digests = []
    rows = 0
    try:
        found = load()
        if sorted(found) != sorted(split.name for split in config.splits):
            return _wrong(config, reader, f"gives the splits {', '.join(found)}")
        for split in config.splits:
            content = Content(schema)
            for part in found[split.name]:
                odd = _odd_columns(part.features.arrow_schema, schema)
                if odd:
                    return _wrong(config, reader, f"gives other columns or types: {', '.join(odd)}")
                for table in part.with_format("arrow").iter(batch_size=_ROWS):
                    content.add(table)
            rows += content.rows
            digests.append((split.name, content.digest()))
    except Exception as error:  # as above
        return _failed(config, reader, error)
    return _compare(config, reader, rows, combine(digests))


def _with_other(
    name: str, read: Callable[[list[str]], pa.Table], folder: Path, config: FrontConfig, schema: pa.Schema
) -> Loaded | Finding:
    digests = []
    rows = 0
    try:
        for split in config.splits:
            table = read([str(path) for path in split_files(folder, split)])
            content = Content(schema)
            content.add(table.select(schema.names).cast(schema))
            rows += content.rows
            digests.append((split.name, content.digest()))
    except Exception as error:  # as above
        return _failed(config, name, error)
    return _compare(config, name, rows, combine(digests))


def _reader(name: str) -> Callable[[list[str]], pa.Table] | None:
    """Return a function from Parquet files to one Arrow table, or None when the library is missing."""
    if importlib.util.find_spec(name) is None:
        return None
    return {"polars": _polars, "duckdb": _duckdb, "pandas": _pandas}[name]


def _polars(paths: list[str]) -> pa.Table:
    import polars as pl

    return pl.read_parquet(paths, glob=False).to_arrow()


def _duckdb(paths: list[str]) -> pa.Table:
    import duckdb

    with duckdb.connect() as connection:
        return connection.read_parquet(paths).to_arrow_table()


def _pandas(paths: list[str]) -> pa.Table:
    """Through Arrow-backed columns; pandas' own would turn missing whole numbers into floats."""
    pandas = importlib.import_module("pandas")
    frames = [pandas.read_parquet(path, dtype_backend="pyarrow") for path in paths]
    return pa.concat_tables(pa.Table.from_pandas(frame, preserve_index=False) for frame in frames)


def _odd_columns(found: pa.Schema, declared: pa.Schema) -> list[str]:
    names = sorted(set(found.names) ^ set(declared.names))
    return names or [
        f"{field.name} ({found.field(field.name).type})"
        for field in declared
        if not same_type(found.field(field.name).type, field.type)
    ]


def _compare(config: FrontConfig, reader: str, rows: int, digest: str) -> Loaded | Finding:
    stated = sum(split.rows for split in config.splits)
    if rows != stated:
        return _wrong(config, reader, f"gives {rows:,} rows where the card says {stated:,}")
    if digest != config.digest:
        return _wrong(config, reader, "gives other values than those whose digest the card states")
    return Loaded(config.name, reader, rows, digest)


def _wrong(config: FrontConfig, reader: str, what: str) -> Finding:
    return Finding(
        "error",
        config.splits[0].pattern,
        f"{reader} {what}",
        "the files were changed after the card was written: run `corpuskit package` again",
    )


def _failed(config: FrontConfig, reader: str, error: Exception) -> Finding:
    """Say that a reader failed. Raises the `OSError` behind that where it had no room: that says nothing of the dataset."""
    cause: BaseException | None = error  # of `datasets`: "An error occurred while generating the dataset"
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            raise cause
        cause = cause.__cause__ or cause.__context__
    said = " ".join(str(error).split())[:300]
    return Finding(
        "error",
        config.splits[0].pattern,
        f"{reader} cannot load it: {type(error).__name__}: {said}",
        "run `corpuskit package` again, and report it when that does not help",
    )
