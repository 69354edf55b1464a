"""A dataset by its name, from the local cache of `datasets` alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

INFO = {
    "builder_name": "parquet",
    "dataset_name": "letters",
    "config_name": "default",
    "version": {"version_str": "0.0.0", "major": 0, "minor": 0, "patch": 0},
    "features": {"text": {"dtype": "string", "_type": "Value"}},
    "splits": {"train": {"name": "train", "num_bytes": 10, "num_examples": 1, "dataset_name": "letters"}},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A cache as `load_dataset("quay/letters")` leaves it."""
    folder = tmp_path / "datasets" / "quay___letters" / "default" / "0.0.0" / "ab12"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text(json.dumps(INFO))
    table = pa.table({"text": ["The ferry left at seven, and the quay was empty again."]})
    with pa.ipc.new_stream(folder / "letters-train.arrow", table.schema) as stream:
        stream.write_table(table)
    return tmp_path


def build(home: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Ingest a dataset by its name, in a process that knows this cache only."""
    command = [sys.executable, "-m", "corpuskit", "build", "--raw", name, "--processed", str(home / "out"), "--json"]
    environment = {**os.environ, "HF_HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=home, env=environment)


def test_a_cached_dataset_is_read_by_its_name(home: Path) -> None:
    """The rows that `datasets` keeps are documents; its own notes beside them are not."""
    done = build(home, "hf:quay/letters")
    assert done.returncode == 0, done.stderr
    funnel = json.loads(done.stdout)["funnel"]
    assert (1, 1) == (funnel["read"], funnel["kept"])


def test_what_is_not_cached_is_not_fetched(home: Path) -> None:
    """The message says that nothing is downloaded, and how to load it where there is a network."""
    done = build(home, "hf:quay/diaries")
    assert done.returncode == 1
    assert "corpuskit never downloads" in done.stderr
    assert 'load_dataset("quay/diaries")' in done.stderr
    assert done.stderr.count("\n") == 1
