"""What the work costs without any account: the yardstick for `corpuskit build`, and the floor below it.

    python benchmarks/perf/flows/cheapest.py IN_JSONL_FOLDER OUT.parquet [--floor]

Read JSON Lines, repair broken encoding where a quick test says there may be some, guess the language by the fast
tier alone, match all rules once, sketch, write Parquet. It keeps no ledger, finds no fields, compares no texts and
proves nothing. With `--floor` it only reads and writes. Parts that corpuskit shares with it are corpuskit's own, so
that the difference is what the account, the fields, the model and the verification cost.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

BATCH = 256


def batches(folder: Path) -> Iterator[list[dict[str, str]]]:
    """Yield the documents of all JSON Lines files, some at a time."""
    held: list[dict[str, str]] = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                held.append(json.loads(line))
                if len(held) == BATCH:
                    yield held
                    held = []
    if held:
        yield held


def main() -> None:
    """Run the flow, or its floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--floor", action="store_true", help="read and write only")
    given = parser.parse_args()
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [(name, pa.string()) for name in ("id", "url", "source", "date")]
    schema = pa.schema([*fields, ("text", pa.large_string())])
    if not given.floor:
        schema = schema.append(pa.field("language", pa.string())).append(pa.field("matches", pa.int64()))
    with pq.ParquetWriter(given.out, schema, compression="zstd") as writer:
        for batch in batches(given.folder):
            if not given.floor:
                _work(batch)
            columns = [pa.array([one[name] for one in batch], schema.field(name).type) for name in schema.names]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _work(batch: list[dict[str, str]]) -> None:
    """Repair, identify, match and sketch a batch in place."""
    from ftfy import fix_text

    from corpuskit.cleaning.phases import cleaner
    from corpuskit.cleaning.repair import needs_repair
    from corpuskit.duplicates.sketch import sketch_batch
    from corpuskit.metadata.language import identify
    from corpuskit.metadata.options import Options

    for one in batch:
        if needs_repair(one["text"]):
            lines = one["text"].split("\n")
            one["text"] = "\n".join(fix_text(line) if needs_repair(line) else line for line in lines)
    texts = [one["text"] for one in batch]
    guesses = identify(texts, Options(language_sure=0.0))
    matcher = cleaner().matcher
    for one, guess in zip(batch, guesses, strict=True):
        lines = [line for line in one["text"].split("\n") if line and not line.isspace()]
        one["language"] = guess.code  # type: ignore[assignment]
        one["matches"] = len(matcher.lines(lines)) + len(matcher.spans(lines))  # type: ignore[assignment]
    sketch_batch(texts)


if __name__ == "__main__":
    main()
