"""A peer's smaller job on the same documents: datatrove with ftfy and four-step MinHash, JSON Lines in and out.

    python benchmarks/perf/datatrove_flow.py IN_JSONL_FOLDER OUT

No language filter (its model is a download) and no line filter, both of which would cost it more. Needs `datatrove`,
`ftfy`, `nltk`, `spacy` and `orjson`; nothing of corpuskit.
"""

from __future__ import annotations

import sys

TASKS = 8
BUCKETS = 14


def main(source: str, out: str) -> None:
    """Run the five steps in this process, one after the other."""
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=BUCKETS, hashes_per_bucket=8, n_grams=5)
    clean, signatures, buckets, remove = (f"{out}/{name}" for name in ("clean", "signatures", "buckets", "remove"))
    steps = (
        ("clean", TASKS, [JsonlReader(source), FTFYFormatter(), JsonlWriter(clean)]),
        ("sign", TASKS, [JsonlReader(clean), MinhashDedupSignature(output_folder=signatures, config=config)]),
        ("pair", BUCKETS, [MinhashDedupBuckets(input_folder=signatures, output_folder=buckets, config=config)]),
        ("cluster", 1, [MinhashDedupCluster(input_folder=buckets, output_folder=remove, config=config)]),
        ("filter", TASKS, [JsonlReader(clean), MinhashDedupFilter(input_folder=remove), JsonlWriter(f"{out}/final")]),
    )
    for name, tasks, pipeline in steps:
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=f"{out}/log/{name}").run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
