"""What a task is given, and how it says what it is at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpuskit.sources import Seen
from corpuskit.storage import Remote, RemoteFile
from corpuskit.tasks.spared import Spared

__all__ = ["Job", "Note", "nobody"]

#: Called with what is worked on (an id or a path), a name for people (its source), and the documents done so far.
Note = Callable[[str, str, int], None]

def nobody(what: str, source: str, done: int) -> None:
    """Tell nobody."""


#: Of texts that are looked at together. Those of a usual batch have a quarter of it; books would have hundreds of megabytes.
_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """Named inputs, a folder of its own for the outputs, and the options. A task returns its number of documents."""

    inputs: Mapping[str, tuple[Path, ...]]
    out: Path
    options: Any
    root: Path | Remote = Path()  #: the input folder, for tasks that read from it
    afar: Mapping[str, tuple[RemoteFile, ...]] = field(default_factory=dict)  #: inputs that are not brought here
    note: Note = nobody
    careful: bool = False  #: one document at a time, because a worker has died under this task, or code failed
    spared: Mapping[str, Spared] = field(default_factory=dict)  #: ids and paths that are named and left alone
    seen: tuple[Seen, ...] = ()  #: the files below `root`, in the order of the options, as they were

    def sought(self, name: str) -> tuple[Path | RemoteFile, ...]:
        """Return the files of input `name`, of which the task reads a stretch here and there."""
        return self.afar.get(name) or self.inputs[name]

    def one(self, name: str) -> Path:
        """Return the only file of input `name`."""
        (path,) = self.inputs[name]
        return path

    def steps(self, rows: Iterable[tuple[pa.RecordBatch, ...]]) -> Iterator[tuple[tuple[pa.RecordBatch, ...], Spared | None]]:
        """Yield batches that stand row for row beside each other, with why they are of a document to be spared, if they are.

        Before each step the first batch's `id` is noted. A step of spared documents has one row.
        """
        done = 0
        for batches in rows:
            ids = batches[0].column("id")
            sources = batches[0].column("source") if "source" in batches[0].schema.names else None
            for start, stop in self._cuts(ids, batches[0]):
                first = ids[start].as_py()
                self.note(first, (sources[start].as_py() or "") if sources is not None else "", done)
                whole = (start, stop) == (0, len(ids))
                parts = [batches if whole else tuple(batch.slice(start, stop - start) for batch in batches)]
                if stop == len(ids):
                    batches = ()  # the last part is all that there is, and not held here
                yield parts.pop(), self.spared.get(first)
                done += stop - start

    def _cuts(self, ids: pa.Array, batch: pa.RecordBatch) -> list[tuple[int, int]]:
        if self.careful:
            return [(at, at + 1) for at in range(len(ids))]
        bad = [at for at, id_ in enumerate(ids.to_pylist()) if id_ in self.spared] if self.spared else []
        edges = sorted({0, len(ids), *bad, *(at + 1 for at in bad), *_full(batch)})
        return list(pairwise(edges))


def _full(batch: pa.RecordBatch) -> list[int]:
    """Where a batch is to be cut so that the texts of a part have no more than `_BYTES`, or are one."""
    if "text" not in batch.schema.names or batch.column("text").nbytes <= _BYTES:
        return []
    import pyarrow.compute as pc

    edges, held = [], 0
    for at, size in enumerate(pc.binary_length(batch.column("text")).to_pylist()):
        if held and held + size > _BYTES:
            edges.append(at)
            held = 0
        held += size
    return edges
