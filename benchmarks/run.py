"""`make bench`: the tables of all benchmarks that need no preparation, one after the other.

Cleaning (beside other ways, and along the dial), copies (beside other tools), metadata of texts, of byline strings
and of web pages (beside other tools), languages, and speed (beside other tools, on a small corpus; see perf/run.py for larger
ones). Options are those of cleaning.py, such as --record.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cleaning
import duplicates
import metadata
import pages


def main(arguments: list[str]) -> int:
    """Print all tables; return the first exit code that is not 0."""
    print("CLEANING\n")
    code = cleaning.main(arguments)
    print("\nCOPIES\n", flush=True)
    duplicates.main([])
    print("\nMETADATA\n", flush=True)
    for name, value in metadata.measure().items():
        print(f"{name:32} {value}")
    print("\nWEB PAGES\n", flush=True)
    pages.main([])
    print("\nSPEED\n", flush=True)
    # A process of its own: it holds itself to one core, and waits for whatever its commands leave behind.
    speed = subprocess.run([sys.executable, str(Path(__file__).parent / "perf" / "run.py")], check=False)
    return code or speed.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
