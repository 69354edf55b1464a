"""What a build of one long document takes: CPU seconds and memory, as its size grows.

    python benchmarks/perf/long.py [--sizes 10,100] [--shapes paragraphs,wrapped,sentences,line]
        [--workers 1] [--work FOLDER]

A document of so many million characters is one plain-text file: in paragraphs, with headings, blank lines, dialogue and
lines that come again; the same in lines of at most 72 characters; a sentence in each line; or all of it in one line. The
words are made up, as frequent as words are (the n-th most frequent has 1/n of the share of the first), and the same in each
run. Ten times the size may take at most twelve times the CPU seconds, and 100 million characters 3 GB in the largest process.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measure import measure

HERE = Path(__file__).resolve().parent
SHAPES = ("paragraphs", "wrapped", "sentences", "line")
_WIDTH = 72  # characters of a line of a text that is broken by hand
AIM = 12  # times the CPU seconds for ten times the size, at most
_WORDS = 40_000
_SENTENCES = 20_000  # made at a time
_ENDS = np.array([".", ".", ".", ".", ".", "?", "!", ";", ":", "…"])
_FREQUENT = """
the of and to in a is that it was for on are as with his they at be this from have or by one had not but what all were when
we there can an your which their said if do will each about how up out them then she many some so these would other into has
more her two like him see time could no make than first been its who now people my made over did down only way find use may
water long little very after words called just where most know
""".split()  # noqa: SIM905 - a list of a hundred words


def sentences(seed: int = 6) -> Iterator[str]:
    """Yield sentences of made-up words without end, the same for the same seed."""
    rng = np.random.default_rng(seed)
    heads, tails = list("bcdfghklmnprstvwy"), ["a", "e", "i", "o", "u", "an", "er", "in", "or", "us", "al", "ent"]
    made: dict[str, None] = dict.fromkeys(_FREQUENT)
    while len(made) < _WORDS:
        parts = [heads[one] + tails[other] for one, other in rng.integers((len(heads), len(tails)), size=(4, 2))]
        made["".join(parts[: int(rng.integers(1, 5))])] = None
    words = np.array(list(made), dtype=object)
    shares = np.cumsum(1 / np.arange(1, len(words) + 1))
    while True:
        lengths = rng.integers(3, 32, size=_SENTENCES)
        drawn = words[np.searchsorted(shares, rng.random(int(lengths.sum())) * shares[-1])].tolist()
        ends = _ENDS[rng.integers(len(_ENDS), size=_SENTENCES)].tolist()
        at = 0
        for length, end in zip(lengths.tolist(), ends, strict=True):
            yield " ".join(drawn[at : at + length]).capitalize() + end
            at += length


def lines(seed: int = 6) -> Iterator[str]:
    """Yield lines of a long text without end: paragraphs, a heading now and then, dialogue, and what comes again."""
    rng = np.random.default_rng(seed + 1)
    source = sentences(seed)
    said: list[str] = []
    while True:
        kind = int(rng.integers(40))
        if kind == 0:
            yield next(source).rstrip("".join(_ENDS)).title()[:60]
        elif kind == 1 and said:
            yield said[int(rng.integers(len(said)))]
        elif kind == 2:
            yield "* * *"
        elif kind < 12:
            yield f'"{next(source)}"'
        else:
            yield " ".join(next(source) for _ in range(int(rng.integers(2, 9))))
            if kind == 39 and len(said) < 1000:
                said.append(next(source))
        yield ""


def write(path: Path, characters: int, shape: str) -> None:
    """Write a document of about so many characters."""
    source = sentences() if shape in ("sentences", "line") else lines()
    joint = " " if shape == "line" else "\n"
    with path.open("w", encoding="utf-8") as file:
        while (left := characters - file.tell()) > 0:
            # in stretches, so that no more than that is held
            part: list[str] = []
            while left > 0 and len(part) < _SENTENCES:
                line = next(source)
                part += textwrap.wrap(line, _WIDTH) if shape == "wrapped" and line else [line]
                left -= len(line) + 1
            file.write(joint.join(part) + joint)


def main() -> None:
    """Build one document of each size and shape, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10,100", help="millions of characters (10,100)")
    parser.add_argument("--shapes", default=",".join(SHAPES), help=f"what the text looks like ({','.join(SHAPES)})")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (1)")
    parser.add_argument("--work", type=Path, help="where the builds write (the system's folder for temporary files)")
    given = parser.parse_args()
    print(f"{'shape':12}{'M chars':>10}{'CPU s':>10}{'wall s':>10}{'MB, largest':>13}{'MB, all':>10}{'bytes a char':>14}")
    for shape in given.shapes.split(","):
        before = 0.0
        for size in map(float, given.sizes.split(",")):
            with tempfile.TemporaryDirectory(dir=given.work) as scratch:
                raw = Path(scratch) / "raw"
                raw.mkdir()
                write(raw / "long.txt", int(size * 1e6), shape)
                flow = [sys.executable, str(HERE / "flows" / "build.py"), str(raw), f"{scratch}/out"]
                cost = measure(shape, [*flow, "--workers", str(given.workers)], 1)
            print(
                f"{shape:12}{size:10g}{cost.cpu:10.1f}{cost.wall:10.1f}{cost.largest / 1e6:13.0f}{cost.peak / 1e6:10.0f}"
                f"{cost.largest / size / 1e6:14.1f}"
                + (f"  {cost.cpu / before:.1f} times the CPU seconds of the size before" if before else ""),
                flush=True,
            )
            before = cost.cpu


if __name__ == "__main__":
    main()
