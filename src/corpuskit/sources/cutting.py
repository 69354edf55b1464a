"""Large files are cut between records, so that many workers read one file and none reads it whole.

Ids hold row numbers, so each part says how many records stand before it: one pass over the file counts them, with the
code that reads it. Cuts depend on the file and the size of parts alone, and nothing that is read depends on the cuts.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from corpuskit.sources.decoding import BOMS
from corpuskit.sources.delimited import cut_csv
from corpuskit.sources.discovery import InputFile, Part, opened
from corpuskit.sources.json_lines import cut_json_lines
from corpuskit.sources.options import Options
from corpuskit.sources.parquet import cut_parquet
from corpuskit.sources.streams import BrokenError, Entry
from corpuskit.storage import Remote

__all__ = ["can_be_cut", "cuts"]

_CUTS: dict[str, Callable[[Entry, Options, int], Iterator[tuple[int, int]]]] = {
    "jsonl": cut_json_lines,
    "csv": cut_csv,
    "tsv": cut_csv,
    "parquet": cut_parquet,
}


def can_be_cut(file: InputFile) -> bool:
    """Say whether a file is of a format that can be read from the middle."""
    return file.format in _CUTS and not file.compression


def cuts(root: Path | Remote, file: InputFile, options: Options, size: int) -> list[Part]:
    """Return the parts of `file`, each of `size` bytes or somewhat more; none when it is read as a whole.

    That is so for small files, for those in 16 or 32 bits or with a byte order mark, and for damaged ones. Raises
    `InputError` when the disk or the storage fails.
    """
    entry = Entry(file.path, "", file.size, lambda: opened(root, file), file.format)
    try:
        with opened(root, file) as stream:
            head = stream.read(4)
        if _wide(options.encoding) or any(head.startswith(mark) for mark, _ in BOMS):
            return []
        found = [(0, 0), *_CUTS[file.format](entry, options, size)]
    except (BrokenError, OSError, ValueError):  # Arrow's errors are of the last two kinds
        return []
    if file.format != "parquet":
        found.append((file.size, 0))
    parts = [Part(start, stop, before) for (start, before), (stop, _) in pairwise(found)]
    return parts if len(parts) > 1 else []


def _wide(encoding: str) -> bool:
    return bool(encoding) and codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
