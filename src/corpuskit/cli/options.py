"""Options that several commands share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from corpuskit.config import Config

__all__ = ["build_options", "configured", "json_option", "quiet_option"]

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress and no summary on stderr.")


def build_options(function: F) -> F:
    """Add the options that say what is built and where."""
    for option in reversed(
        [
            click.option("-c", "--config", "config_path", type=click.Path(path_type=Path, dir_okay=False),
                         help="Configuration file  [default: corpuskit.toml where you are, if there is one]"),
            click.option("--raw", help="Folder (or file) of input texts: a path, a URL (s3://bucket/texts), or hf:org/name, "
                                       "a dataset that is in the local cache of `datasets`. Hidden files and folders "
                                       "(.name) and --processed are left out."),
            click.option("--processed", help="Folder in which datasets are put: a path or a URL. Within --raw, it is no input."),
            click.option("--name", help="Name of the dataset: the folder below --processed."),
            click.option("-j", "--workers", type=click.IntRange(0), help="Worker processes; 0 chooses."),
            click.option("--engine", help="Where tasks run: local, dask, or dask://host:port.  [default: local]"),
            click.option("--against", type=click.Path(path_type=Path, file_okay=False), multiple=True,
                         help="A published dataset folder: its texts stay, and copies of them are left out."),
            click.option("--threshold", help="Dial of cleaning: careful, standard, thorough, or a confidence."),
        ]
    ):  # fmt: skip
        function = option(function)
    return function


def configured(
    config_path: Path | None,
    raw: str | None = None,
    processed: str | None = None,
    name: str | None = None,
    workers: int | None = None,
    engine: str | None = None,
    against: tuple[Path, ...] = (),
    threshold: str | None = None,
) -> tuple[Config, Path]:
    """Return the options and the folder their relative paths count from: option > environment > file > default."""
    from corpuskit import config as configs

    if config_path is None and Path("corpuskit.toml").exists():
        config_path = Path("corpuskit.toml")
    config = configs.load(config_path)
    home = config_path.parent if config_path else Path()
    build = config.build
    if raw is not None:
        build = dataclasses.replace(build, raw=_absolute(raw))
    if processed is not None:
        build = dataclasses.replace(build, processed=_absolute(processed))
    if name is not None:
        build = dataclasses.replace(build, name=name)
    if workers is not None:
        build = dataclasses.replace(build, workers=workers)
    run = config.run
    if engine is not None:
        run = dataclasses.replace(run, engine=engine)
    dedup = config.dedup
    if against:
        dedup = dataclasses.replace(dedup, against=tuple(str(path.absolute()) for path in against))
    clean = config.clean.at(home)
    if threshold is not None:
        try:
            dial: str | float = float(threshold)
        except ValueError:
            dial = threshold
        clean = dataclasses.replace(clean, threshold=dial)
    return dataclasses.replace(config, build=build, run=run, clean=clean, dedup=dedup), home


def _absolute(place: str) -> str:
    return place if "://" in place or place.startswith("hf:") else str(Path(place).absolute())
