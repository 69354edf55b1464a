"""What dedup weighs besides the documents of the build: earlier releases, and the takedown list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpuskit.dataset.earlier import Earlier, earlier
from corpuskit.duplicates.options import Options
from corpuskit.errors import ConfigError
from corpuskit.run import digests
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.sources.takedown import Listed, read_takedown
from corpuskit.tasks import shards
from corpuskit.tasks.dedup import Shard
from corpuskit.tasks.takedown import without_text

__all__ = ["Before", "before", "taken_down"]


@dataclass(frozen=True, slots=True)
class Before:
    """What was published or withdrawn before this build."""

    releases: tuple[Earlier, ...] = ()
    shards: tuple[Shard, ...] = ()  #: for dedup, after those of the build
    documents: int = 0  #: in these shards, about
    listed: tuple[Listed, ...] = ()  #: the takedown list
    withdrawn: Path | None = None  #: the texts of it


def before(
    options: Options, home: Path, store: Store, run: Callable[[Sequence[Task]], list[Marker]]
) -> Before:
    """Return the releases and the takedown list that `options` name; relative paths count from `home`.

    Raises `MissingError` for a folder that is no release, `ConfigError` for a takedown list that is none.
    """
    import pyarrow.parquet as pq

    releases = tuple(earlier(home / folder) for folder in options.against)
    parts: list[Shard] = []
    count = 0
    for release in releases:
        for path in release.paths:
            parts.append(Shard(path.absolute(), state="released", digest=digests.of_file(path)))
            count += int(pq.read_metadata(path).num_rows)
    if not options.takedown:
        return Before(releases, tuple(parts), count)
    path = home / options.takedown
    if not path.is_file():
        raise ConfigError(f"[dedup] takedown = {options.takedown!r}: there is no such file in {home.absolute()}")
    listed = read_takedown(path)
    marker = run([_withdraw(path, parts)])[0]
    withdrawn = store.path(marker.output("withdrawn.parquet"))
    parts.append(Shard(withdrawn, state="withdrawn"))
    return Before(releases, tuple(parts), count + marker.documents, listed, withdrawn)


def _withdraw(path: Path, released: Sequence[Shard]) -> Task:
    return Task(
        stage="dedup",
        label="takedown",
        function="takedown:withdraw",
        inputs=(
            ("list", (str(path.absolute()),)),
            ("releases", tuple(str(shard.texts.absolute()) for shard in released)),
        ),
        digests=(
            (f"the list {path.name}", digests.of_file(path)),
            ("releases", digests.of_value([shard.digest for shard in released])),
        ),
        options=None,
        code=("sources/takedown.py",),
        libraries=("pyarrow",),
    )


def taken_down(
    known: Before, withheld: Path, fates: Sequence[Path]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return each document of the build that the takedown list keeps out with what of the list does, and the listed
    ids of which no text is known.
    """
    if known.withdrawn is None:
        return (), ()
    read: set[str] = set()
    for path in fates:
        table = shards.table(path, ["id", "fate"])
        columns = (table.column(name).to_pylist() for name in ("id", "fate"))
        read.update(id_ for id_, fate in zip(*columns, strict=True) if fate == "kept")
    rows = shards.table(withheld, ["member", "kept"]).to_pylist()
    kept_out = tuple((row["member"], row["kept"]) for row in rows if row["member"] in read)
    return kept_out, without_text(known.listed, known.withdrawn, read)
