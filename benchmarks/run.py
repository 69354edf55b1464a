"""`make bench`: the tables of all benchmarks that need no preparation, one after the other.

Cleaning (beside other ways, and along the dial), copies (beside other tools), metadata of texts, of byline strings
and of web pages (beside other tools), languages. Speed has its own:
`python benchmarks/perf/run.py`. Options are those of cleaning.py, such as --record.
"""

from __future__ import annotations

import sys

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
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
