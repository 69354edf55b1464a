"""An earlier release, as a later build reads it: where its texts lie, in which split, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.dataset.front import read_front
from corpuskit.dataset.lint import split_files
from corpuskit.errors import InputError, MissingError, VerifyError

__all__ = ["Earlier", "earlier", "rows"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A published dataset folder."""

    folder: Path
    label: str  #: name, version and content, as `clusters` and the card name the release
    files: tuple[tuple[str, Path], ...]  #: split and file of each file of the texts, in their order

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the texts."""
        return tuple(path for _, path in self.files)


def earlier(folder: Path) -> Earlier:
    """Return the release in `folder`. Raises `MissingError` when there is none that corpuskit wrote."""
    try:
        card = read_front((folder / "README.md").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, VerifyError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        message = f"[dedup] against: {folder}: is no dataset folder to build against: README.md: {what}"
        raise MissingError(message) from error
    config = next((config for config in card.configs if config.name == "default"), None)
    files = [(split.name, path) for split in config.splits for path in split_files(folder, split)] if config else []
    if config is None or not files:
        message = f"[dedup] against: {folder}: has no texts to build against; give the folder that `corpuskit build` wrote"
        raise MissingError(message)
    label = f"{folder.absolute().name} {config.version} sha256:{config.digest[:16]}"
    return Earlier(folder, label, tuple(files))


def rows(release: Earlier, columns: Sequence[str], size: int = 1_000) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield split and rows of a release, `size` at a time, with `columns` in their order.

    Columns that the release does not have, because an older version wrote it, come as nulls. Raises `InputError` for a
    file that cannot be read.
    """
    for split, path in release.files:
        try:
            with pq.ParquetFile(path) as file:
                known = [name for name in columns if name in file.schema_arrow.names]
                for batch in file.iter_batches(batch_size=size, columns=known, use_threads=False):
                    found = [
                        batch.column(name) if name in known else pa.nulls(len(batch), pa.string()) for name in columns
                    ]
                    yield split, pa.RecordBatch.from_arrays(found, names=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
