"""What a build reads: the input files with their digests, and the buckets they fall into."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import InputError, MissingError
from corpuskit.run.store import Store
from corpuskit.sources import InputFile, Options, Seen, Sources, can_be_cut, discover, load_sources, seen
from corpuskit.storage import Remote

__all__ = ["Inputs", "keep", "survey"]

_BUCKET_BYTES = 8 << 20  # of input: a task of about two seconds
_PART_BYTES = 16 << 20  # of a large file: the same
_FEW = 8  # small corpora are split too, so that one new file does not redo all others
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Inputs:
    """The input files of a build, with the digest of each."""

    root: Path | Remote
    files: tuple[InputFile, ...]
    seen: tuple[Seen, ...]  #: each file as it was digested
    declared: Sources
    buckets: int
    part: int  #: bytes of the parts that large files are cut into

    @property
    def address(self) -> str:
        """The root as path or URL, for other processes."""
        return str(self.root) if isinstance(self.root, Remote) else str(self.root.absolute())

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """The links that are passed over, each with the file that it leads to and that is read."""
        return tuple((file.path, file.same_as) for file in self.files if file.same_as)

    def listing(self) -> str:
        """Return one line per file: digest, size, path. Equal listings mean equal inputs."""
        pairs = zip(self.files, self.seen, strict=True)
        lines = [f"{seen_.digest}  {file.size}  {file.path}" for file, seen_ in pairs]
        return "\n".join([f"# sources {self.declared.digest}", *lines]) + "\n"

    def bucket(self, number: int) -> list[tuple[InputFile, Seen]]:
        """Return the files of one bucket as they were seen: by hash of the path, so that no other file matters.

        Large files that can be cut are in none.
        """
        return [
            (file, seen_)
            for file, seen_ in zip(self.files, self.seen, strict=True)
            if not self._large(file)
            and int.from_bytes(hashlib.sha256(file.path.encode()).digest()[:8], "big") % self.buckets == number
        ]

    def large(self) -> list[tuple[InputFile, Seen]]:
        """Return the files that are cut into parts, as they were seen."""
        return [pair for pair in zip(self.files, self.seen, strict=True) if self._large(pair[0])]

    def _large(self, file: InputFile) -> bool:
        return file.size > 2 * self.part and can_be_cut(file)


def survey(root: Path | Remote, options: Options, store: Store, target: Path | Remote) -> Inputs:
    """Find and digest the input files below `root`; nothing is written.

    The folder in which the dataset `target` lies is no input where it lies within `root` (`--raw .`): a build would read its
    own output, the card as a text and every document once more. The number of buckets and the size of parts are fixed by the
    first build of a dataset. Raises `MissingError` when there is no such folder, `InputError` when there is nothing to read
    in it, `ConfigError` for a wrong sources.toml.
    """
    remedy = "put your texts there, or name another with --raw"
    if isinstance(root, Path) and not root.exists():
        raise MissingError(f"[build] raw: {root}: there is no such folder; {remedy}")
    files = discover(root, options, _output_within(root, target))
    if not files and isinstance(root, Remote) and (said := root.missing()):
        raise MissingError(f"[build] raw: {root}: there is no such folder ({said}); {remedy}")
    if not files:
        raise InputError(f"{root}: no texts in it; put .txt, .md, .jsonl, .csv or .parquet files there")
    folder = root if isinstance(root, Remote) or root.is_dir() else root.parent
    declared = load_sources(folder / "sources.toml")
    with ThreadPoolExecutor(min(8, len(os.sched_getaffinity(0)))) as pool:  # hashing lets other threads run
        found = tuple(pool.map(lambda file: seen(root, file), files))
    size = sum(file.size for file in files)
    buckets = _kept(store, "buckets") or max(min(_FEW, len(files)), -(-size // _BUCKET_BYTES))
    part = _kept(store, "part") or max(_PART_BYTES, -(-size // _MOST))
    return Inputs(root, tuple(files), found, declared, min(_MOST, max(1, buckets)), part)


def _output_within(root: Path | Remote, target: Path | Remote) -> set[str]:
    """Return the folders of what is built, relative to `root`: the one around `target`, or `target` where that one is `root`."""
    pairs: list[tuple[str, str]] = []
    if isinstance(root, Path) and isinstance(target, Path):  # a link is the folder that it is called, and the one it leads to
        pairs = [(seen(root), seen(target.parent)) for seen in (os.path.abspath, os.path.realpath)]
    elif isinstance(root, Remote) and isinstance(target, Remote):
        pairs = [(root.url, target.url.rpartition("/")[0])]
    within = {output[len(base) :].strip("/") for base, output in pairs if f"{output}/".startswith(f"{base.rstrip('/')}/")}
    return {folder or target.name for folder in within}


def keep(inputs: Inputs, store: Store) -> None:
    """Refresh `inputs.lst`, which changes only when the inputs do, and what the first build fixes."""
    for name, text in _of(inputs):
        path = store.root / name
        if not path.exists() or path.read_bytes() != text.encode():
            store.write(path, text.encode())


def _of(inputs: Inputs) -> tuple[tuple[str, str], ...]:
    return ("inputs.lst", inputs.listing()), ("buckets", str(inputs.buckets)), ("part", str(inputs.part))


def _kept(store: Store, name: str) -> int:
    """Return the number that the first build fixed, 0 when there is none."""
    try:
        return max(0, int((store.root / name).read_text()))
    except (OSError, ValueError):
        return 0
