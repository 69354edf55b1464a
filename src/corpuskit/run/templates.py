"""The stage `count`: the lines that each source repeats, decided before anything is cleaned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit.cleaning import Options, Templates
from corpuskit.errors import ConfigError
from corpuskit.run import digests
from corpuskit.run.engine import Task
from corpuskit.run.store import Marker, Store
from corpuskit.run.stored import from_outputs
from corpuskit.tasks.templates import Parts, read_list, read_pinned

__all__ = ["count", "suggested"]

_LIST = "templates.toml"  # in the folder of a build: the list with its counts, for a person to read

_PER_PART = 50_000  # documents whose sources make up one partition
_CODE = tuple(f"cleaning/{name}.py" for name in ("facts", "learning", "repair", "sightings", "slots", "templates"))


def count(
    documents: Sequence[Path],
    total: int,
    options: Options,
    home: Path,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> list[Path]:
    """Return for each shard of `documents` the list of templates for its sources; none where nothing can act.

    `total` is the number of documents; a pinned file is found from `home`. Raises `ConfigError` when it is not there
    or does not parse.
    """
    if options.templates and not (home / options.templates).is_file():
        raise ConfigError(f"[clean] templates = {options.templates!r}: there is no such file in {home.absolute()}")
    if not options.templates and not options.learn_templates:
        (store.root / _LIST).unlink(missing_ok=True)
        return []
    learnt: list[Path] = []
    if options.learn_templates:
        learnt = _learn(documents, Parts(max(1, -(-total // _PER_PART))), store, run)
    decided = run([_decide(learnt, home / options.templates if options.templates else None)])[0]
    read = read_list(store.path(decided.output("read.json"))).to_toml().encode()
    kept = store.root / _LIST
    if not kept.exists() or kept.read_bytes() != read:
        store.write(kept, read)
    chosen = store.path(decided.output("list.json"))
    selected = run(
        [
            from_outputs("count", "select", "templates:select", {"list": [chosen], "documents": [path]}, None, _CODE)
            for path in documents
        ]
    )
    return [store.path(marker.output("templates.json")) for marker in selected]


def suggested(store: Store) -> Templates:
    """Return the list that the last `count` of a build decided, with counts and samples; it may be empty."""
    path = store.root / _LIST
    return read_pinned(path) if path.exists() else Templates()


def _learn(
    documents: Sequence[Path], parts: Parts, store: Store, run: Callable[[Sequence[Task]], list[Marker]]
) -> list[Path]:
    libraries = ("ftfy", "numpy")
    seen = run(
        [
            from_outputs("count", path.name[:12], "templates:sight", {"documents": [path]}, parts, _CODE, libraries)
            for path in documents
        ]
    )
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
    if pinned is not None:
        read_pinned(pinned)  # a slip of the pen is told before any worker starts
    return Task(
        stage="count",
        label="decide",
        function="templates:decide",
        inputs=(
            ("learnt", tuple(str(path) for path in learnt)),
            ("pinned", (str(pinned.absolute()),) if pinned else ()),
        ),
        digest=digests.of_value([[path.name for path in learnt], digests.of_file(pinned) if pinned else ""]),
        options=None,
        code=_CODE,
    )
