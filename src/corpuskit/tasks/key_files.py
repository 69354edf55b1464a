"""The keys of a shard in files, one per partition of all keys."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpuskit.duplicates.candidates import Keys
from corpuskit.tasks.dedup_files import KEYS
from corpuskit.tasks.partitions import Partitions
from corpuskit.words import mix

__all__ = ["HELD", "KeyFiles"]

#: Keys that wait to be written, some 30 bytes each, and keys that are read at a time.
HELD = 1 << 20


class KeyFiles:
    """One file of keys per partition, a million keys at a time."""

    def __init__(self, out: Path, parts: int) -> None:
        self._parts = parts
        paths = [out / f"keys-{part:04d}.parquet" for part in range(parts)]
        self._files = Partitions(paths, KEYS, HELD, gather=False, compression="none", use_dictionary=False)
        self._held: list[Keys] = []
        self._room = HELD

    def __enter__(self) -> Self:
        self._files.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._flush()
        self._files.__exit__(kind, *rest)

    def add(self, keys: Keys) -> None:
        """Take the keys of a batch; their texts are numbered within the shard."""
        self._held.append(keys)
        self._room -= len(keys.keys)
        if self._room <= 0:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        keys, texts, kinds = (
            np.concatenate([getattr(one, name) for one in self._held]) for name in ("keys", "texts", "kinds")
        )
        part = _partition(keys, self._parts)
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(self._parts + 1))
        for number in range(self._parts):
            rows = order[bounds[number] : bounds[number + 1]]
            columns = [keys[rows], texts[rows].astype(np.int32), kinds[rows]]
            self._files.add(number, pa.RecordBatch.from_arrays(list(map(pa.array, columns)), schema=KEYS))
        self._held, self._room = [], HELD


def _partition(keys: NDArray[np.uint64], parts: int) -> NDArray[np.int64]:
    """The partition of each key. Keys are mixed once more for it: anchors are the smallest hashes of their windows, so
    by their own high bits most would fall into the first partitions.
    """
    return ((mix(keys) >> np.uint64(48)) * np.uint64(parts) >> np.uint64(16)).astype(np.int64)
