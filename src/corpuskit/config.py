"""corpuskit.toml: one table per stage, each read into that stage's options.

Unknown tables and keys are errors that name the nearest known one; a value of the wrong type says which is wanted.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.dataset.options import Options as PackageOptions
from corpuskit.duplicates.decontaminate import DecontaminateOptions
from corpuskit.duplicates.options import Options as DedupOptions
from corpuskit.duplicates.splits import SplitOptions
from corpuskit.errors import ConfigError, nearest
from corpuskit.metadata.options import FilterOptions, PiiOptions
from corpuskit.metadata.options import Options as EnrichOptions
from corpuskit.sources.options import Options as IngestOptions

__all__ = ["BuildOptions", "Config", "RunOptions", "load", "parse"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The `[build]` table: what is built, and with how many hands. Only the name is part of the result."""

    name: str = "essays"  #: of the dataset: the folder below the output folder
    raw: str = "raw"  #: input folder, relative to corpuskit.toml
    processed: str = "processed"  #: output folder
    workers: int = 0  #: processes; 0: as many as there are processors; up to 1, none for small inputs

    def __post_init__(self) -> None:
        """Check the values."""
        if self.workers < 0:
            raise ConfigError(f"[build] workers = {self.workers}: 0 or more")


_LEAST_MEMORY = 300 * 10**6  # bytes: what corpuskit's libraries and models take before any text
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


def _bytes(name: str, said: str) -> int:
    """Return the bytes that a size such as "20 GB" means. Raises `ConfigError`."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?b?)\s*", said.lower())
    if not found or found[2] not in _UNITS:
        raise ConfigError(f'{name} = {said!r}: a size is wanted, such as "500 MB" or "20 GB"')
    return int(float(found[1]) * _UNITS[found[2]])


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The `[run]` table: how a build is run. Nothing here is part of the result."""

    engine: str = "local"  #: "local", "dask" (started here), "dask://host:port" or "dask:///path/to/scheduler.json"
    cache: str = "20 GB"  #: of stage outputs kept for builds to come, beyond what the last build needs itself
    memory: str = ""  #: that one worker process may hold; empty: its share of four fifths of the machine's
    patience: float = 3600.0  #: seconds without a sign of life after which a worker, or a build without any, counts as stuck

    def __post_init__(self) -> None:
        """Check the values."""
        if self.engine not in ("local", "dask") and not re.fullmatch(r"dask://(?:[^/\s]+:\d+|/\S+\.json)", self.engine):
            wanted = "local, dask, dask://host:port or dask:///path/to/scheduler.json"
            raise ConfigError(f"[run] engine = {self.engine!r}: {wanted} is wanted")
        _bytes("[run] cache", self.cache)
        if self.memory and _bytes("[run] memory", self.memory) < _LEAST_MEMORY:
            raise ConfigError(f'[run] memory = {self.memory!r}: a worker needs "{_LEAST_MEMORY // 10**6} MB" at least')
        if not self.patience > 0:
            raise ConfigError(f"[run] patience = {self.patience}: seconds, more than 0")

    @property
    def memory_bytes(self) -> int:
        """The limit on one worker's memory in bytes; 0 where the machine decides."""
        return _bytes("[run] memory", self.memory) if self.memory else 0

    @property
    def cache_bytes(self) -> int:
        """The limit on stage outputs, in bytes."""
        return _bytes("[run] cache", self.cache)


@dataclass(frozen=True, slots=True)
class Config:
    """All options of a build."""

    build: BuildOptions = field(default_factory=BuildOptions)
    run: RunOptions = field(default_factory=RunOptions)
    ingest: IngestOptions = field(default_factory=IngestOptions)
    clean: CleanOptions = field(default_factory=CleanOptions)
    metadata: EnrichOptions = field(default_factory=EnrichOptions)
    pii: PiiOptions = field(default_factory=PiiOptions)
    filter: FilterOptions = field(default_factory=FilterOptions)
    decontaminate: DecontaminateOptions = field(default_factory=DecontaminateOptions)
    dedup: DedupOptions = field(default_factory=DedupOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    package: PackageOptions = field(default_factory=PackageOptions)


def load(path: Path | None) -> Config:
    """Return the options of the file `path`, or the defaults when it is None.

    SOURCE_DATE_EPOCH gives the release its date where the file does not. Raises `ConfigError`.
    """
    if path is None:
        config = Config()
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
        config = parse(text, str(path))
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not config.package.date:
        import datetime as dt

        try:
            day = dt.datetime.fromtimestamp(int(epoch), dt.UTC).date().isoformat()
        except (ValueError, OverflowError, OSError) as error:
            raise ConfigError(f"SOURCE_DATE_EPOCH={epoch!r}: seconds since 1970 are wanted") from error
        config = dataclasses.replace(config, package=dataclasses.replace(config.package, date=day))
    return config


def parse(text: str, where: str = "corpuskit.toml") -> Config:
    """Return the options that the TOML `text` states; `where` names it in messages. Raises `ConfigError`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from error
    return _read(Config, tables, where, "")


def _read(kind: type[T], table: Mapping[str, Any], where: str, path: str) -> T:
    """Return a dataclass from a table whose keys are its fields."""
    known = {one.name: one for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = f"[{path}] {key}" if path else f"[{key}]"
        if key not in known:
            raise ConfigError(f"{where}: unknown {'key' if path else 'table'} {name}{nearest(key, list(known))}")
        values[key] = _value(hints[key], value, where, f"{path}.{key}" if path else key, name)
    try:
        return kind(**values)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _value(hint: Any, value: Any, where: str, path: str, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: {name}: a table is wanted: write [{path}]")
        return _read(typing.cast("type[Any]", hint), value, where, path)
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        if isinstance(value, str) and inner is str:
            raise ConfigError(f"{where}: {name} = {value!r}: a list is wanted: [{value!r}]")
        if not isinstance(value, list):
            raise ConfigError(f"{where}: {name} = {value!r}: a list is wanted")
        return tuple(_value(inner, one, where, path, name) for one in value)
    choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if float in choices and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    plain = tuple(choice for choice in choices if isinstance(choice, type))
    if plain and (not isinstance(value, plain) or (isinstance(value, bool) and bool not in plain)):
        wanted = " or ".join(
            {str: "text", int: "a whole number", float: "a number", bool: "true or false"}.get(one, one.__name__)
            for one in plain
        )
        raise ConfigError(f"{where}: {name} = {value!r}: {wanted} is wanted")
    return value
