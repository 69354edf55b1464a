"""The stage `count`: the lines that each source repeats, decided before anything is cleaned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpuskit.cleaning import Options, Templates
from corpuskit.errors import ConfigError
from corpuskit.run import digests
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.tasks.templates import Parts, read_list, read_pinned

__all__ = ["Counted", "applied", "count", "keep", "pinned_of", "suggested"]

_LIST = "templates.toml"  # in the folder of a build: the list with its counts, for a person to read

_PER_PART = 20_000  # documents whose sources make up one partition
_CODE = tuple(f"cleaning/{name}.py" for name in ("facts", "learning", "repair", "sightings", "slots", "templates"))


@dataclass(frozen=True, slots=True)
class Counted:
    """What `count` decided."""

    lists: tuple[Path, ...]  #: for each shard the templates for its sources; none where nothing can act
    read: Path | None  #: the list with its counts, as JSON, for a person to read


def count(
    documents: Mapping[str, Path],
    sizes: Mapping[str, int],
    options: Options,
    home: Path,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> Counted:
    """Decide the templates of the shards `documents`, each under its label.

    `sizes` are the numbers of their documents; a pinned file is found from `home`. Raises `ConfigError` when it is not there
    or does not parse.
    """
    pinned_of(options, home)  # a slip of the pen is told before any worker starts
    if not options.templates and not options.learn_templates:
        return Counted((), None)
    learnt: list[Path] = []
    if options.learn_templates:
        learnt = _learn(documents, sizes, store, run)
    decided = run([_decide(learnt, home / options.templates if options.templates else None)])[0]
    chosen = store.path(decided.output("list.json"))
    selected = run(
        [
            from_outputs("count", label, "templates:select", {"list": [chosen], "documents": [path]}, None, _CODE)
            for label, path in documents.items()
        ]
    )
    lists = tuple(store.path(marker.output("templates.json")) for marker in selected)
    return Counted(lists, store.path(decided.output("read.json")))


def keep(store: Store, counted: Counted) -> None:
    """Put the list that was decided where a person finds it; remove it when there is none."""
    kept = store.root / _LIST
    if counted.read is None:
        store.forget(kept)
        return
    read = read_list(store.fetch(counted.read)).to_toml().encode()
    if not kept.exists() or kept.read_bytes() != read:
        store.write(kept, read)


def pinned_of(options: Options, home: Path) -> Templates:
    """Return the list of the pinned file of `options`, found from `home`; an empty one where none is named.

    Raises `ConfigError` when it is not there or does not parse.
    """
    if not options.templates:
        return Templates()
    path = home / options.templates
    if not path.is_file():
        raise ConfigError(f"[clean] templates = {options.templates!r}: there is no such file in {home.absolute()}")
    return read_pinned(path)


def applied(root: Path, pinned: Templates) -> Templates | None:
    """Return the list that the last build in the folder `root` applied, with `pinned` as the last word; None where there was
    no build that learnt one.
    """
    path = root / _LIST
    if not path.exists():
        return None
    read = read_pinned(path)
    return read.of(set(read.sources) - set(pinned.sources)).coarse().under(pinned)


def suggested(store: Store) -> Templates:
    """Return the list that the last `count` of a build decided, with counts and samples; it may be empty."""
    path = store.root / _LIST
    return read_pinned(path) if path.exists() else Templates()


def _learn(
    documents: Mapping[str, Path],
    sizes: Mapping[str, int],
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> list[Path]:
    libraries = ("ftfy", "numpy")
    parts = Parts(max(1, -(-sum(sizes.values()) // _PER_PART)))
    looks = [
        from_outputs("count", label, "templates:sight", {"documents": [path]}, parts, _CODE, libraries)
        for label, path in documents.items()
    ]
    seen = run([replace(task, documents=sizes[task.label]) for task in looks])
    partitions = [
        [store.path(marker.output(f"seen-{part:04d}.parquet")) for marker in seen] for part in range(parts.parts)
    ]
    learnt = run(
        [
            from_outputs("count", f"learn {part + 1}", "templates:learn_part", {"seen": paths}, None, _CODE, ("numpy",))
            for part, paths in enumerate(partitions)
        ]
    )
    return [store.path(marker.output("learnt.json")) for marker in learnt]


def _decide(learnt: Sequence[Path], pinned: Path | None) -> Task:
    return Task(
        stage="count",
        label="decide",
        function="templates:decide",
        inputs=(
            ("learnt", tuple(str(path) for path in learnt)),
            ("pinned", (str(pinned.absolute()),) if pinned else ()),
        ),
        digests=(
            ("learnt", digests.of_value([path.name for path in learnt])),
            *(((f"the pinned list {pinned.name}", digests.of_file(pinned)),) if pinned else ()),
        ),
        options=None,
        code=_CODE,
    )
