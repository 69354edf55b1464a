"""The line model: how likely is it that a line is no part of the article?

    batch.py    the lines of a batch that hold a word, with their characters and words
    shape.py    columns on the line itself, its place and its neighbours
    ties.py     columns on cohesion and repetition
    ngrams.py   hashed words, and the linear scores learnt on them
    hits.py     columns on what the rules match
    trees.py    symmetric trees as arrays
    model.py    the shipped model: `score`, `explain`

How it was trained and how good it is stands in docs/line-model.md; `make model` makes it anew.
"""

from corpuskit.cleaning.line_model.hits import GROUPS, marked, named
from corpuskit.cleaning.line_model.model import LineModel, Scores, load, shipped

__all__ = ["GROUPS", "LineModel", "Scores", "load", "marked", "named", "shipped"]
