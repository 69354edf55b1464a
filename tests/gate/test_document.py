"""The generated parts of docs/cleaning.md, and the plot."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import document
from plot import Line, Panel, svg


def test_the_page_is_what_rules_and_measurements_say() -> None:
    """Nothing generated is stale (else: make docs)."""
    assert [] == document.stale()


def test_every_part_is_on_the_page() -> None:
    """Each generated part has its place, once."""
    text = document.PAGE.read_text(encoding="utf-8")
    assert dict.fromkeys(document.PARTS, 1) == {
        name: text.count(f"<!-- generated: {name} -->") for name in document.PARTS
    }


def test_update_writes_what_the_check_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stale page is reported, written on request, and then holds; what is written by hand stays."""
    page = tmp_path / "cleaning.md"
    page.write_text("By hand.\n<!-- generated: coverage -->\nold\n<!-- end -->\nBelow.\n")
    monkeypatch.setattr(document, "PAGE", page)
    monkeypatch.setattr(document, "PLOT", tmp_path / "plot.svg")
    monkeypatch.setattr(document, "ROOT", tmp_path)
    assert (1, 0, 0) == (document.main([]), document.main(["--update"]), document.main([]))
    text = page.read_text()
    assert text.startswith("By hand.\n<!-- generated: coverage -->\n\n| language |")
    assert text.endswith("<!-- end -->\nBelow.\n")


def test_plot_is_well_formed_and_within_its_frame() -> None:
    """Names are escaped, every curve has its label, and points beyond the axes are drawn at their ends."""
    lines = [Line("a<b", ((0.0, 1.0), (10.0, 0.5)), ((10.0, 0.5),), bold=True), Line("c", ((1e9, 0.0),))]
    root = ET.fromstring(svg([Panel("One & two", lines)], "What it shows"))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a<b", "c", "One & two"} <= set(texts)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for curve in root.iter("{http://www.w3.org/2000/svg}polyline"):
        for point in curve.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_labels_do_not_cover_each_other() -> None:
    """Curves that end at one height have labels one below the other."""
    root = ET.fromstring(svg([Panel("t", [Line(str(n), ((1.0, 0.02),)) for n in range(8)])], "d"))
    heights = sorted(
        float(one.attrib["y"]) for one in root.iter("{http://www.w3.org/2000/svg}text") if "name" in one.attrib["class"]
    )
    assert all(b - a >= 13 for a, b in pairwise(heights))
