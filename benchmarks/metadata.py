"""How well authors, titles, dates, image credits and languages are found, and how fast.

    python benchmarks/metadata.py                 all measures, one line each
    python benchmarks/metadata.py --json          the same as one JSON object
    python benchmarks/metadata.py --misses title  the documents on which a field differs from the label

The labelled sets are read in place from $CORPUSKIT_BENCH (or $CORPUSKIT_SHARED/bench, or ../shared/bench). Values
are compared exactly after folding (case, accents, quotes, blanks). "From text alone" means: no page, no ledger,
no column; the raw lines of an article as an extractor left them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from corpuskit.metadata import Metadata, Request, enrich_batch
from corpuskit.metadata.choice import fold
from corpuskit.metadata.language import _langdetect, identify
from corpuskit.metadata.people import people

ROOT = Path(__file__).resolve().parent.parent

#: field → (label in `meta`, what was found)
FIELDS: dict[str, tuple[str, Callable[[Metadata], Sequence[str]]]] = {
    "authors": ("authors", lambda found: [person.name for person in found.authors]),
    "title": ("title", lambda found: [found.title] if found.title else []),
    "dates": ("published", lambda found: [found.date_published] if found.date_published else []),
    "image_credits": ("image_credits", lambda found: found.image_credits),
    "editors": ("editors", lambda found: [person.name for person in found.editors]),
}


def bench() -> Path:
    """Return the folder of labelled data; exit with the reason where there is none."""
    shared = os.environ.get("CORPUSKIT_SHARED", str(ROOT.parent / "shared"))
    folder = Path(os.environ.get("CORPUSKIT_BENCH", str(Path(shared) / "bench")))
    if not folder.is_dir():
        sys.exit(f"no labelled data at {folder}: set CORPUSKIT_BENCH")
    return folder


def rows(path: str) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSON Lines file of the labelled data."""
    with gzip.open(bench() / path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def labelled(row: dict[str, Any], label: str) -> list[str]:
    """Return the folded values of a label, each once."""
    value = row["meta"][label]
    values = [value] if isinstance(value, str) else value or []
    return list(dict.fromkeys(fold(one) for one in values))


def from_text(misses: str = "") -> dict[str, float]:
    """Precision and recall of each field on the residue set, and documents per CPU second."""
    labels = rows("lines/residue.jsonl.gz")
    requests = [Request(text, text) for text in ("\n".join(row["lines"]) for row in labels)]
    enrich_batch(requests[:20])  # load the models and build the patterns
    start = time.process_time()
    found = enrich_batch(requests)
    took = time.process_time() - start
    scores: dict[str, float] = {"text.documents_per_second": round(len(labels) / took, 1)}
    for field, (label, get) in FIELDS.items():
        right = predicted = wanted = 0
        for row, one in zip(labels, found, strict=True):
            gold = labelled(row, label)
            got = list(dict.fromkeys(fold(value) for value in get(one)))
            right += sum(value in gold for value in got)
            predicted += len(got)
            wanted += len(gold)
            if field == misses and sorted(gold) != sorted(got):
                print(f"{row['id']} {row['domain']}: label {gold}, found {got}", file=sys.stderr)
        scores[f"text.{field}.precision"] = round(right / max(predicted, 1), 4)
        scores[f"text.{field}.recall"] = round(right / max(wanted, 1), 4)
    return scores


def from_bylines() -> dict[str, float]:
    """Share of the byline strings that give exactly the labelled authors."""
    labels = rows("metadata/bylines.jsonl.gz")
    right = 0
    for row in labels:
        got = [person.name for person in people(row["byline"]) if person.role == "author"]
        right += sorted(map(fold, got)) == sorted(map(fold, row["authors"]))
    return {"bylines.exact": round(right / len(labels), 4)}


def of_languages(speed: bool = True) -> dict[str, float]:
    """Accuracy on the languages that langdetect knows, and the speed beside langdetect's in the same run."""
    labels = rows("langid/par4.jsonl.gz")
    read, known = _langdetect()
    texts = [row["text"] for row in labels]
    identify(texts[:20])
    start = time.process_time()
    guesses = identify(texts)
    fast = len(texts) / (time.process_time() - start)
    gold = ["no" if row["lang"] == "nb" else row["lang"] for row in labels]
    judged = [(code, guess.code) for code, guess in zip(gold, guesses, strict=True) if code in known]
    found = {
        "language.accuracy": round(sum(code == got for code, got in judged) / len(judged), 4),
        "language.abstained": round(sum(got is None for _, got in judged) / len(judged), 4),
    }
    if not speed:
        return found
    sample = texts[::25]
    start = time.process_time()
    for text in sample:
        read(text)
    slow = len(sample) / (time.process_time() - start)
    return {
        **found,
        "language.documents_per_second": round(fast, 1),
        "language.times_langdetect": round(fast / slow, 1),
    }


def measure(misses: str = "") -> dict[str, float]:
    """Return all measures; the differences of the field `misses` are told on stderr."""
    return {**from_text(misses), **from_bylines(), **of_languages()}


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--misses", default="", choices=["", *FIELDS], help="list the differences of one field on stderr"
    )
    options = parser.parse_args()
    scores = measure(options.misses)
    if options.json:
        print(json.dumps(scores, indent=2))
        return
    for name, value in scores.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
