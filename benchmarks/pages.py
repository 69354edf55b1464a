"""Authors, titles and dates of web pages: corpuskit beside trafilatura and newspaper4k, in the same run.

    python benchmarks/pages.py                  one table for each labelled set, and one over all
    python benchmarks/pages.py --json           the same as one JSON object
    python benchmarks/pages.py --misses authors pages on which corpuskit differs from the label, on stderr

Every tool gets the bytes of the page and its address and nothing else; none fetches anything. Values are compared
exactly after folding (case, accents, quotes, blanks), dates by their day. A page counts for the fields that its label
states; authors are scored name by name (F1 over all pages), titles and dates as the share of pages that are right. A
tool that is not installed has no row, and the table says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from corpuskit.metadata import enrich
from corpuskit.metadata.choice import fold
from corpuskit.sources.html import record_of_page
from corpuskit.sources.rows import Record
from metadata import rows

SETS = ("andy", "fundus", "postlight")
FIELDS = ("authors", "title", "date")
PINNED = ("authors.precision", "authors.recall", "authors.f1", "title", "date")


@dataclass(frozen=True, slots=True)
class Page:
    """One page with its labels, folded; what nobody labelled is empty."""

    id: str
    url: str
    html: str
    authors: frozenset[str]
    title: str
    date: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool says of a page."""

    authors: Sequence[str] = ()
    title: str = ""
    date: str = ""


def pages(name: str) -> Iterator[Page]:
    """Yield the pages of a labelled set."""
    html = {row["id"]: row["html"] for row in rows(f"html/{name}.jsonl.gz")} if name != "postlight" else {}
    for row in rows(f"metadata/{name}.jsonl.gz"):
        authors = frozenset(fold(one) for one in row.get("authors") or ())
        page = row.get("html") or html.get(row["id"], "")
        if page:
            yield Page(row["id"], row["url"], page, authors, fold(row["title"] or ""), (row["date"] or "")[:10])


def corpuskit(page: Page) -> Said:
    """What a build would put into the fields."""
    record = record_of_page("", page.html.encode(), "", "utf-8", page.url)
    if not isinstance(record, Record):
        return Said()
    text = record.decoded.text
    found = enrich(text, text, (), record.fields)
    return Said([person.name for person in found.authors], found.title or "", found.date_published or "")


def trafilatura(page: Page) -> Said:
    """What `trafilatura.extract_metadata` gives, with its defaults; it joins authors by semicolons."""
    from trafilatura import extract_metadata

    found: Any = extract_metadata(page.html, default_url=page.url)
    if found is None:
        return Said()
    return Said([one for one in (found.author or "").split("; ") if one], found.title or "", found.date or "")


def newspaper4k(page: Page) -> Said:
    """What `newspaper.Article` gives after `parse`, with its defaults but for fetching images."""
    import newspaper

    article: Any = newspaper.Article(page.url, fetch_images=False)
    article.download(input_html=page.html)
    article.parse()
    date = article.publish_date
    return Said(article.authors, article.title or "", date.isoformat() if hasattr(date, "isoformat") else str(date or ""))


TOOLS: dict[str, tuple[str, Callable[[Page], Said]]] = {
    "corpuskit": ("corpuskit", corpuskit),
    "trafilatura": ("trafilatura", trafilatura),
    "newspaper4k": ("newspaper", newspaper4k),
}


def ask(tool: Callable[[Page], Said], read: Sequence[Page]) -> tuple[list[Said | None], list[float]]:
    """Return what a tool says of each page (None where it raises), and the seconds of CPU that it took for each."""
    answers: list[Said | None] = []
    seconds = []
    for page in read:
        start = time.process_time()
        try:
            answers.append(tool(page))
        except Exception:
            answers.append(None)
        seconds.append(time.process_time() - start)
    return answers, seconds


def score(read: Sequence[Page], answers: Sequence[Said | None], seconds: Sequence[float], misses: str = "") -> dict[str, float]:
    """Return the scores of a tool on `read`, in per cent, and how many pages it takes in a second of CPU."""
    right = said = wanted = 0
    hits = {"title": [0, 0], "date": [0, 0]}
    for page, answer in zip(read, answers, strict=True):
        found = answer or Said()
        authors = {fold(one) for one in found.authors}
        if page.authors:
            right, said, wanted = right + len(authors & page.authors), said + len(authors), wanted + len(page.authors)
            if misses == "authors" and authors != page.authors:
                print(f"{page.id}: label {sorted(page.authors)}, found {sorted(authors)}", file=sys.stderr)
        for field, label, value in (("title", page.title, fold(found.title)), ("date", page.date, found.date[:10])):
            if label:
                hits[field][0] += label == value
                hits[field][1] += 1
                if misses == field and label != value:
                    print(f"{page.id}: label {label!r}, found {value!r}", file=sys.stderr)
    precision, recall = right / max(said, 1), right / max(wanted, 1)
    return {
        "authors.precision": round(100 * precision, 1),
        "authors.recall": round(100 * recall, 1),
        "authors.f1": round(200 * precision * recall / max(precision + recall, 1e-9), 1),
        "title": round(100 * hits["title"][0] / max(hits["title"][1], 1), 1),
        "date": round(100 * hits["date"][0] / max(hits["date"][1], 1), 1),
        "pages_per_second": round(len(read) / max(sum(seconds), 1e-9), 1),
        "failed": sum(answer is None for answer in answers),
    }


def ours(workers: int) -> dict[str, float]:
    """Return what is pinned of corpuskit's own scores, by set and measure; no other tool is asked."""
    sets = {name: list(pages(name)) for name in SETS}
    found: dict[str, float] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for name, read in sets.items():
            answers = list(pool.map(corpuskit, read, chunksize=8))
            scores = score(read, answers, ())
            found |= {f"pages.{name}.{measure}": scores[measure] for measure in PINNED}
    return found


def measure(misses: str = "") -> dict[str, dict[str, dict[str, float]]]:
    """Return set → tool → scores, and "all" for the pages of all sets; tools that are not installed are left out."""
    sets = {name: list(pages(name)) for name in SETS}
    every = [page for read in sets.values() for page in read]
    found: dict[str, dict[str, dict[str, float]]] = {name: {} for name in (*SETS, "all")}
    for known, (module, tool) in TOOLS.items():
        if importlib.util.find_spec(module) is None:
            continue
        ask(tool, every[:3])  # libraries and models are loaded before anything is timed
        answers, seconds = ask(tool, every)
        at = 0
        for name, read in sets.items():
            part = slice(at, at + len(read))
            found[name][known] = score(read, answers[part], seconds[part])
            at += len(read)
        found["all"][known] = score(every, answers, seconds, misses if known == "corpuskit" else "")
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the tables; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--misses", default="", choices=["", *FIELDS], help="list the differences of one field")
    options = parser.parse_args(arguments)
    found = measure(options.misses)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for name, tools in found.items():
        print(f"{name:12} {'authors P':>9} {'R':>6} {'F1':>6} {'title':>6} {'date':>6} {'pages/s':>8} {'failed':>6}")
        for tool, scores in tools.items():
            print(
                f"  {tool:10} {scores['authors.precision']:9} {scores['authors.recall']:6} {scores['authors.f1']:6} "
                f"{scores['title']:6} {scores['date']:6} {scores['pages_per_second']:8} {scores['failed']:6.0f}"
            )
    for name, (module, _) in TOOLS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name} is not installed: no row (pip install {name})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
