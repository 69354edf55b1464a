"""The loss budget of sources and rules as tasks: every shard is weighed, then one task judges over all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpuskit.cleaning.options import SHARED_BUDGET, Options
from corpuskit.reviewing.decisions import Decisions
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.tasks.budget import JudgeOptions

__all__ = ["Judged", "judge"]

_CODE = ("cleaning/budget.py", "reviewing/decisions.py")


@dataclass(frozen=True, slots=True)
class Judged:
    """What was weighed and judged."""

    losses: tuple[Path, ...] = ()  #: shard by shard
    exceeded: Path = Path()  #: what `tasks.budget.read_exceeded` reads


def judge(
    shards: Sequence[tuple[str, Path, Path]],
    options: Options,
    decisions: Decisions,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> Judged:
    """Weigh `shards` (label, documents, cleaned), and judge which sources and rules exceed their share."""
    weighing = [
        from_outputs(
            "clean",
            f"losses of {label}",
            "budget:weigh",
            {"documents": [documents], "cleaned": [cleaned]},
            None,
            _CODE,
            ("numpy",),
        )
        for label, documents, cleaned in shards
    ]
    losses = tuple(store.path(marker.output("losses.parquet")) for marker in run(weighing))
    # nothing else of the options counts here
    shares = Options(**{name: getattr(options, name) for name in SHARED_BUDGET})
    task = from_outputs(
        "clean", "loss budget", "budget:judge", {"losses": losses}, JudgeOptions(shares, decisions), _CODE
    )
    return Judged(losses, store.path(run([task])[0].output("exceeded.json")))
