"""A peer on the same documents: text-dedup's MinHash alone, JSON Lines in, an Arrow dataset out.

    python benchmarks/perf/flows/text_dedup_minhash.py IN_JSONL_FOLDER OUT [--workers N]

It repairs, identifies and cleans nothing. Its faster hash is taken, and else what it does by itself. The last line says how
many documents are left.
"""

from __future__ import annotations

import argparse
import json
import runpy
import sys


def main() -> None:
    """Run its command, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    sys.argv = [
        "text_dedup.minhash", "--path", "json", "--data_files", f"{given.source}/*.jsonl", "--split", "train",
        "--cache_dir", f"{given.out}/cache", "--output", f"{given.out}/final", "--column", "text",
        "--num_proc", str(given.workers), "--hash_func", "xxh3",
    ]  # fmt: skip
    try:
        runpy.run_module("text_dedup.minhash", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    from datasets import load_from_disk

    sys.stderr.flush()
    print(json.dumps({"left": len(load_from_disk(f"{given.out}/final"))}), flush=True)


if __name__ == "__main__":
    main()
