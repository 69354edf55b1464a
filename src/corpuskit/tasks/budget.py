"""The loss budget of sources and rules: weighed shard by shard, judged over all.

    weigh   one per shard   documents and what cleaning made of them → words and losses by document and rule
    judge   one             all losses → which sources, and which rules in which sources, exceed their share
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas, words
from corpuskit.cleaning import Options
from corpuskit.cleaning.budget import Excess, losses
from corpuskit.cleaning.budget import judge as judge_sums
from corpuskit.reviewing.decisions import Decisions
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["JudgeOptions", "carried", "judge", "read_exceeded", "weigh"]

#: One row per document, with its words and no rule, and one for each rule that may have lost good words in it.
LOSSES = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("rule", pa.string()),
        ("words", pa.int64()),  # of the document, before cleaning
        ("lost", pa.int64()),   # thousandths of a word
    ]
)


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """The shares that are allowed, and what a person has released."""

    clean: Options
    decisions: Decisions


def weigh(job: Job) -> int:
    """In: `documents`, `cleaned`. Out: losses.parquet (schema LOSSES).

    What is held already, by its own budget or because workers died of it, loses nothing: it has no rows.
    """

    def rows() -> Iterator[pa.RecordBatch]:
        parts = (
            shards.batches(job.one("documents"), ["id", "source"]),
            shards.batches(job.one("cleaned"), ["status", "reason", "edits", "extracted", "text"]),
        )
        for documents, cleaned in zip(*parts, strict=True):
            made = schemas.cleaned(cleaned)
            names = [documents.column(name).to_pylist() for name in ("id", "source")]
            kept = [
                (*name, one)
                for *name, one in zip(*names, made, strict=True)
                if one.status == "clean" or one.reason.startswith("empty")
            ]
            left = words.count([one.text for *_, one in kept])
            found: list[tuple[str, str, str, int, int]] = []
            told = losses([one.ledger for *_, one in kept])
            for (id_, source, _), standing, (removed, lost) in zip(kept, left, told, strict=True):
                found.append((id_, source, "", standing + removed, 0))
                found += [(id_, source, one.rule, 0, one.lost) for one in lost]
            table = pa.Table.from_arrays(
                [pa.array([row[at] for row in found], field.type) for at, field in enumerate(LOSSES)], schema=LOSSES
            )
            yield from table.to_batches(shards.ROWS)

    return shards.write(job.out / "losses.parquet", LOSSES, rows())


def judge(job: Job) -> int:
    """In: `losses` (of all shards). Out: exceeded.json, which `read_exceeded` reads.

    Rules first: the documents that carry one which exceeds its share are held for it, and do not burden their source
    any more. Released documents, and rules where they are released, burden nobody.
    """
    options: JudgeOptions = job.options
    paths, decisions = job.inputs["losses"], options.decisions
    total, sums = _sums(paths, decisions, ())
    rules = judge_sums(total, sums, options.clean, whole=False)
    if rules:
        total, sums = _sums(paths, decisions, rules)
    sources = [one for one in judge_sums(total, sums, options.clean, True) if one.source not in decisions.sources]
    found = sorted([*rules, *sources], key=lambda one: (one.source, one.rule))
    said = [[one.source, one.rule, one.lost, one.allowed] for one in found]
    (job.out / "exceeded.json").write_bytes(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    return len(found)


def read_exceeded(path: Path) -> tuple[Excess, ...]:
    """Return what `judge` found, sorted by source and rule."""
    return tuple(Excess(*row) for row in orjson.loads(path.read_bytes()))


def carried(path: Path, exceeded: Sequence[Excess], decisions: Decisions) -> dict[str, Excess]:
    """Return the documents of a file of losses that carry what `exceeded` names and nobody has released.

    Of several the first rule is named, and a source only where no rule is.
    """
    if not exceeded:
        return {}
    by = {(one.source, one.rule): one for one in exceeded}
    found: dict[str, Excess] = {}
    out = set(decisions.documents)
    table = shards.table(path)
    table = table.filter(pc.greater(table.column("lost"), 0))
    for id_, source, rule in sorted(zip(*(table.column(name).to_pylist() for name in ("id", "source", "rule")), strict=True)):
        here = None if decisions.allows(source, rule) else by.get((source, rule)) or by.get((source, ""))
        if here and id_ not in out and (id_ not in found or (here.rule and not found[id_].rule)):
            found[id_] = here
    return found


def _sums(
    paths: Sequence[Path], decisions: Decisions, without: Sequence[Excess]
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Return the words of each source, and the thousandths lost by (source, rule), over all documents that count.

    Those that carry one of the rules `without` do not, nor do released ones.
    """
    total: dict[str, int] = {}
    sums: dict[tuple[str, str], int] = {}
    for path in paths:
        table = shards.table(path)
        out = [*decisions.documents, *carried(path, without, decisions)]
        if out:
            table = table.filter(pc.invert(pc.is_in(table.column("id"), pa.array(out, pa.string()))))
        grouped = table.group_by(["source", "rule"], use_threads=False).aggregate([("words", "sum"), ("lost", "sum")])
        for row in grouped.to_pylist():
            source, rule = row["source"], row["rule"]
            total[source] = total.get(source, 0) + row["words_sum"]
            if rule and not decisions.allows(source, rule):
                sums[source, rule] = sums.get((source, rule), 0) + row["lost_sum"]
    return total, sums
