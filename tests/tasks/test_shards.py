"""The files between the stages, as they are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from corpuskit.tasks import shards

_READ = """
import os, sys
from pathlib import Path
from corpuskit.process import settle
settle()
from corpuskit.tasks import shards
path = Path(sys.argv[1])
held = [*shards.batches(path)]
before = len(os.listdir("/proc/self/task"))
assert shards.table(path, ["id"]).num_rows == 600
assert len(os.listdir("/proc/self/task")) == before
"""


def test_reading_a_table_starts_no_thread(tmp_path: Path) -> None:
    """Under `ulimit -v` one may not be to be had, and what was to come from it would be waited for for ever."""
    rows = pa.record_batch([[str(number) for number in range(600)]], names=["id"])
    path = tmp_path / "a.parquet"
    shards.write(path, rows.schema, [rows.slice(at, 200) for at in (0, 200, 400)])
    subprocess.run([sys.executable, "-c", _READ, str(path)], check=True)
