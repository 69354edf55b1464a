"""Find texts whose words stand in another, and decide which stay: sketches propose, the texts decide, stars
keep.

`dedup` composes the steps for texts in memory; the build runs the same functions over files
(`tasks/dedup.py`).
"""

from corpuskit.duplicates.decontaminate import Index, Overlap, index, overlaps
from corpuskit.duplicates.dedup import Copy, Deduped, Related, dedup
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.splits import Leak, Placed, Shares, SplitOptions, assign, leaks
from corpuskit.duplicates.stars import Standing
from corpuskit.duplicates.verify import Edge, differences, verify

__all__ = [
    "Copy",
    "Deduped",
    "Edge",
    "Index",
    "Leak",
    "Options",
    "Overlap",
    "Placed",
    "Related",
    "Shares",
    "SplitOptions",
    "Standing",
    "assign",
    "dedup",
    "differences",
    "index",
    "leaks",
    "overlaps",
    "verify",
]
