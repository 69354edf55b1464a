"""A peer on the same documents: Data-Juicer with its repair of broken encoding and its MinHash, JSON Lines in and out.

    python benchmarks/perf/flows/data_juicer_process.py IN_JSONL_FOLDER OUT [--workers N]

No language filter: its model is a download. The last line says how many documents are left.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Write its configuration, run its command, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True)
    configuration = {
        "project_name": "timed",
        "dataset_path": str(given.source.resolve()),
        "export_path": str(out / "final.jsonl"),
        "work_dir": str(out / "work"),
        "temp_dir": str(out / "work"),
        "np": given.workers,
        "use_cache": False,
        "text_keys": "text",
        "process": [{"fix_unicode_mapper": None}, {"document_minhash_deduplicator": None}],
    }
    (out / "process.yaml").write_text(json.dumps(configuration), encoding="utf-8")  # JSON is YAML
    command = [str(Path(sys.executable).with_name("dj-process")), "--config", str(out / "process.yaml")]
    subprocess.run(command, check=True, cwd=out)
    with (out / "final.jsonl").open("rb") as file:
        print(json.dumps({"left": sum(1 for _ in file)}), flush=True)


if __name__ == "__main__":
    main()
