"""Dedup as tasks: the steps of `tasks/dedup.py`, each a barrier or a map over shards, partitions or loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpuskit.duplicates.options import Options
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.tasks.dedup import DedupOptions, Shard

__all__ = ["Decided", "dedup"]

_PER_PART = 20_000  # documents whose keys, pairs or readings make up one partition


@dataclass(frozen=True, slots=True)
class Decided:
    """What dedup decided."""

    stars: Path  #: schemas.STARS: the copies, each with the kept document that holds it
    withheld: Path  #: the same columns: what a withdrawn text keeps out
    related: Path  #: pairs of kept texts that share much and are not copies


def dedup(
    inputs: Sequence[Shard], count: int, options: Options, store: Store, run: Callable[[Sequence[Task]], list[Marker]]
) -> Decided:
    """Run all steps for `count` documents in the shards `inputs` and return where the decisions lie."""
    parts = max(1, -(-count // _PER_PART))

    def task(
        step: str, part: int, function: str, shard: Shard | None = None, number: int = 0, **named: Sequence[Path]
    ) -> Task:
        chosen = DedupOptions(options, parts, parts, parts, part, shard.state if shard else "new")
        label = f"{step} {(number or part) + 1}"
        further = [("the release", shard.digest)] if shard and shard.digest else []
        return from_outputs("dedup", label, f"dedup:{function}", named, chosen, ("duplicates",), ("numpy",), further)

    def outputs(markers: Sequence[Marker], name: str) -> list[Path]:
        return [store.path(marker.output(name)) for marker in markers]

    # The number of a shard is not an option of its sketch: a new file must not redo the sketches of all others.
    sketches = run(
        [
            task("sketch", 0, "sketch_shard", one, number, texts=[one.texts], facts=[one.facts] if one.facts else [])
            for number, one in enumerate(inputs)
        ]
    )
    placed = run([task("place", 0, "place_texts", standings=outputs(sketches, "standings.parquet"))])
    order, places = outputs(placed, "order.parquet"), outputs(placed, "places.parquet")
    proposed = run(
        [
            task(
                "propose",
                part,
                "propose_pairs",
                keys=outputs(sketches, f"keys-{part:04d}.parquet"),
                order=order,
                places=places,
            )
            for part in range(parts)
        ]
    )
    chosen = run(
        [
            task("choose", part, "choose_pairs", pairs=outputs(proposed, f"pairs-{part:04d}.parquet"), order=order)
            for part in range(parts)
        ]
    )
    packed = run([task("pack", 0, "pack_pairs", joined=outputs(chosen, "joined.parquet"), order=order)])
    wanted = outputs(packed, "wanted.parquet")
    dealt = run(
        [
            task("deal", part, "deal_keys", shared=outputs(proposed, f"shared-{part:04d}.parquet"), wanted=wanted)
            for part in range(parts)
        ]
    )
    texts = run(
        [task("texts", part, "texts_of", one, texts=[one.texts], wanted=wanted) for part, one in enumerate(inputs)]
    )
    settled = run(
        [
            replace(
                task(
                    "settle",
                    part,
                    "settle_load",
                    keys=outputs(dealt, f"keys-{part:04d}.parquet"),
                    texts=outputs(texts, "texts.bin"),
                    where=outputs(texts, "where.parquet"),
                    order=order,
                ),
                sought=("texts",),
            )
            for part in range(parts)
        ]
    )
    named = run(
        [
            task(
                "stars",
                0,
                "stars_of",
                drops=outputs(settled, "drops.parquet"),
                related=outputs(settled, "related.parquet"),
                order=order,
            )
        ]
    )
    return Decided(*(outputs(named, f"{name}.parquet")[0] for name in ("stars", "withheld", "related")))
