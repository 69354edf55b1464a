"""What a build by URL brings and takes, file by file, for each byte of text.

    python benchmarks/traffic.py ARTICLES.jsonl

Builds the dataset of the articles (JSON Lines with `text`) in storage that lies in the memory of this process, and counts
what goes through it. One shard and one partition: what grows with their numbers is for `scaling.py` to multiply.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import fsspec

from corpuskit.config import parse
from corpuskit.run.build import build, plan_of
from corpuskit.storage import Remote


@dataclass
class Traffic:
    """Bytes and requests by the name that a file has among the outputs of its task."""

    put: Counter[str] = field(default_factory=Counter)
    got: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)  # of what lies there under the name of its content

    def count(self, way: Counter[str], name: str, size: int, output: str = "") -> None:
        """Note that `size` bytes of the file `name` have moved; `output` is its name where a task has written it."""
        if output and name.startswith("objects/"):
            self._names[name] = output
        known = "markers" if name.startswith("tasks/") else self._names.get(name, name)
        known = re.sub(r"-\d{4,5}(-of-\d+)?\.", "-*.", known)
        way[known] += size
        self.requests[known] += 1


def measure(articles: Path) -> tuple[int, Traffic]:
    """Build the dataset of `articles`; return the bytes of their texts, and what was moved for it."""
    lines = articles.read_bytes()
    memory = fsspec.filesystem("memory")
    found = Traffic()
    upload, download, write, ranged = Remote.upload, Remote.download, Remote.write, Remote._range

    def uploaded(self: Remote, path: Path, name: str) -> None:
        found.count(found.put, name, path.stat().st_size, path.name)
        upload(self, path, name)

    def downloaded(self: Remote, name: str, path: Path) -> None:
        download(self, name, path)
        found.count(found.got, name, path.stat().st_size)

    def written(self: Remote, name: str, data: bytes) -> None:
        found.count(found.put, name, len(data))
        write(self, name, data)

    def stretch(self: Remote, name: str, start: int, stop: int) -> bytes:
        data = ranged(self, name, start, stop)
        found.count(found.got, name, len(data))
        return data

    with (
        tempfile.TemporaryDirectory(prefix="traffic-") as home,
        patch.multiple(Remote, upload=uploaded, download=downloaded, write=written, _range=stretch),
    ):
        name = Path(home).name  # of this run alone: nothing is there yet
        memory.pipe_file(f"/{name}/raw/articles.jsonl", lines)
        said = f'name = "traffic"\nraw = "memory://{name}/raw"\nprocessed = "memory://{name}/out"'
        plan = plan_of(parse(f"[build]\n{said}\n"), Path(home))
        build(plan)
        shutil.rmtree(plan.store.root)  # the copy that the build keeps here
        shutil.rmtree(plan.place.target.parent, ignore_errors=True)
        memory.rm(f"/{name}", recursive=True)
    return sum(len(json.loads(line)["text"].encode()) for line in lines.splitlines()), found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    size, found = measure(parser.parse_args().articles)
    print(f"{'of each byte of text':<36}{'put':>8}{'got':>8}{'requests':>10}")
    for name in sorted(found.requests, key=lambda name: -found.put[name] - found.got[name]):
        print(f"{name:<36}{found.put[name] / size:>8.3f}{found.got[name] / size:>8.3f}{found.requests[name]:>10}")


if __name__ == "__main__":
    main()
