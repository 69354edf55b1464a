"""The floors on the labelled sets; they go up by themselves and down only on purpose."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CORPUSKIT_SHARED", ROOT.parent / "shared"))
BENCH = Path(os.environ.get("CORPUSKIT_BENCH", SHARED / "bench"))

pytestmark = pytest.mark.skipif(
    not (BENCH / "dedup").is_dir(), reason=f"no labelled data at {BENCH / 'dedup'}: set CORPUSKIT_BENCH"
)


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    """The benchmark, so that the numbers here are the numbers it prints."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    return importlib.import_module("duplicates")


def test_all_natural_duplicates_are_found_and_no_negative_is_merged(measure: ModuleType) -> None:
    """Real texts whose pairs were labelled one by one."""
    found = measure.natural(measure.corpuskit)
    assert found == {"natural dup found": "11/11", "natural neg merged": "0/11"}


def test_renderings_of_one_page_are_found_and_pages_never_joined(measure: ModuleType) -> None:
    """Several extractors on the same page: precision 1, F1 at least .99 where one rendering contains the other, even
    when the star alone counts."""
    found = measure.renderings(measure.corpuskit)
    assert found["renderings precision"] == 1.0
    assert found["renderings F1"] >= 0.998
    assert found["renderings F1 by star"] >= 0.993


def test_renderings_of_one_page_are_found_after_cleaning_too(measure: ModuleType) -> None:
    """Cleaned, each eighth page: none joined with another, and of one pair in forty at most both stay."""
    found = measure.rendered("cleaned", measure.cleaned(8), measure.corpuskit)
    assert found["cleaned precision"] == 1.0
    assert found["cleaned F1"] >= 0.98
    left, pairs = map(int, found["cleaned both kept"].split("/"))
    assert left <= pairs / 40


def test_only_answers_cut_from_the_source_are_copies_of_it(measure: ModuleType) -> None:
    """Rewrites are texts of their own, however light; so are answers whose source is another part of the book."""
    found = measure.clough_stevenson(measure.corpuskit)
    assert list(found.values()) == ["4/11", "0/11", "0/12", "0/23"]


def test_of_articles_on_one_story_only_the_reprint_goes(measure: ModuleType) -> None:
    """One article stands at two addresses of its publisher; all others stay."""
    assert measure.story_chains(measure.corpuskit) == {"stories merged": "1/52"}
