"""Decontamination as tasks: the evaluation texts are indexed once, then each shard is held against them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit.duplicates.decontaminate import DecontaminateOptions
from corpuskit.errors import ConfigError
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.sources import Options, digest, discover
from corpuskit.tasks.decontaminate import GatherOptions, SearchOptions

__all__ = ["decontaminate"]

_CODE = ("duplicates/decontaminate.py", "duplicates/shingles.py", "sources")
_INDEX = ("hashes.npy", "owners.npy", "totals.npy", "about.json")


def decontaminate(
    shards: Sequence[tuple[str, Path, Path]],
    options: DecontaminateOptions,
    home: Path,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the overlaps and the new fates of each of `shards` (label, cleaned, fates).

    Relative paths count from `home`. Raises `ConfigError` for evaluation texts that are not there.
    """
    index = run([_gather(options, home)])[0]
    inputs = {name.split(".")[0]: [store.path(index.output(name))] for name in _INDEX}
    asked = SearchOptions(options.share, options.action == "drop")
    found = run(
        [
            from_outputs(
                "dedup",
                f"evaluation texts, {label}",
                "decontaminate:search",
                {"cleaned": [cleaned], "fates": [fates], **inputs},
                asked,
                _CODE,
                ("numpy",),
            )
            for label, cleaned, fates in shards
        ]
    )
    overlaps, changed = (
        tuple(store.path(marker.output(name)) for marker in found) for name in ("overlaps.parquet", "fates.parquet")
    )
    return overlaps, changed


def _gather(options: DecontaminateOptions, home: Path) -> Task:
    roots = [(home / path).absolute() for path in options.against]
    for root, path in zip(roots, options.against, strict=True):
        if not root.exists():
            raise ConfigError(f"[decontaminate] against: {path!r}: there is no such file or folder in {home.absolute()}")
    files = tuple(tuple(discover(root, Options())) for root in roots)
    for root, found in zip(roots, files, strict=True):
        if not found:
            raise ConfigError(f"[decontaminate] against: {root}: no texts in it")
    return Task(
        stage="dedup",
        label="evaluation texts",
        function="decontaminate:gather",
        inputs=(("roots", tuple(str(root) for root in roots)),),
        digests=tuple(
            (f"the evaluation file {root.name}/{file.path}", digest(root, file))
            for root, found in zip(roots, files, strict=True)
            for file in found
        ),
        options=GatherOptions(files, options.column, options.words),
        code=_CODE,
        libraries=("pyarrow", "numpy"),
    )
