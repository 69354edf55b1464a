"""What a build reads: the input files with their digests, and the buckets they fall into."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import InputError
from corpuskit.run.store import Store
from corpuskit.sources import InputFile, Options, Sources, digest, discover, load_sources

__all__ = ["Inputs", "keep", "survey"]

_BUCKET_BYTES = 8 << 20  # of input: a task of about two seconds
_FEW = 8  # small corpora are split too, so that one new file does not redo all others
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Inputs:
    """The input files of a build, with the digest of each."""

    root: Path
    files: tuple[InputFile, ...]
    digests: tuple[str, ...]
    declared: Sources
    buckets: int

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def listing(self) -> str:
        """Return one line per file: digest, size, path. Equal listings mean equal inputs."""
        lines = [f"{digest_}  {file.size}  {file.path}" for file, digest_ in zip(self.files, self.digests, strict=True)]
        return "\n".join([f"# sources {self.declared.digest}", *lines]) + "\n"

    def bucket(self, number: int) -> list[tuple[InputFile, str]]:
        """Return the files of one bucket with their digests: by hash of the path, so that no other file matters."""
        return [
            (file, digest_)
            for file, digest_ in zip(self.files, self.digests, strict=True)
            if int.from_bytes(hashlib.sha256(file.path.encode()).digest()[:8], "big") % self.buckets == number
        ]


def survey(root: Path, options: Options, store: Store) -> Inputs:
    """Find and digest the input files below `root`; nothing is written.

    The number of buckets is fixed by the first build of a dataset. Raises `InputError` when there is nothing to
    read, `ConfigError` for a wrong sources.toml.
    """
    if not root.exists():
        raise InputError(f"{root}: there is no such folder; put your texts there, or name another with --raw")
    files = discover(root, options)
    if not files:
        raise InputError(f"{root}: no texts in it; put .txt, .md, .jsonl, .csv or .parquet files there")
    declared = load_sources((root if root.is_dir() else root.parent) / "sources.toml")
    digests = tuple(digest(root, file) for file in files)
    return Inputs(root, tuple(files), digests, declared, _buckets(store, files))


def keep(inputs: Inputs, store: Store) -> None:
    """Refresh `inputs.lst`, which changes only when the inputs do, and the number of buckets."""
    for name, text in (("inputs.lst", inputs.listing()), ("buckets", str(inputs.buckets))):
        path = store.root / name
        if not path.exists() or path.read_bytes() != text.encode():
            store.write(path, text.encode())


def _buckets(store: Store, files: list[InputFile]) -> int:
    try:
        return min(_MOST, max(1, int((store.root / "buckets").read_text())))
    except (OSError, ValueError):
        count = max(min(_FEW, len(files)), -(-sum(file.size for file in files) // _BUCKET_BYTES))
        return min(_MOST, max(1, count))
