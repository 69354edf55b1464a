"""Train the model of titles (`src/corpuskit/metadata/data/title.npz`) and print its scores.

    python benchmarks/title_model.py            scores with folds by site, precision and recall of what is taken
    python benchmarks/title_model.py --write    train on everything and write the model

Needs catboost and rapidfuzz, and the labelled data of $CORPUSKIT_BENCH; the hand-written articles of tests/gold/
are part of the training. A line is right where it gives the labelled title, folded; in the sets whose titles
come from the page's metadata, which differ from the headline in words ("… | Site", "Top" for "The best"), also
where it is nearly the same, and a text whose likeliest line is neither near nor far is left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpuskit.metadata import Options
from corpuskit.metadata.candidates import _authors, _credits, _dates, marks
from corpuskit.metadata.choice import fold
from corpuskit.metadata.headlines import Headline, headlines
from corpuskit.metadata.language import identify
from corpuskit.metadata.layout import layout
from corpuskit.metadata.lexicon import lexicon
from corpuskit.metadata.title import likeliest, sure, table
from metadata import ROOT, labelled, rows

SETS = ("wcxb.traf", "wcxb.resi", "andy.traf", "andy.resi", "fundus.traf", "fundus.resi", "l3s.traf")
#: Weight of an article in the training: labels made for headlines, those from pages, pages of 2008.
WEIGHTS = {"residue": 1.0, "gold": 3.0, "page": 0.8, "silent": 0.5, "old": 0.5}
_NEAR, _FAR = 72, 45  # token-set ratios of a line and the page's title: the same headline, another one
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Article:
    """A labelled text: its lines that may be the title, which of them is, and how much it counts."""

    source: str
    site: str
    wanted: bool  #: a title is labelled
    found: list[Headline]
    exact: list[bool]
    right: list[bool]
    weight: float


def articles() -> list[Article]:
    """Return the labelled articles of all sets that have a line above their first paragraph."""
    texts: list[tuple[str, str, str, list[str]]] = []
    residue = rows("lines/residue.jsonl.gz")
    for row in residue:
        texts.append(("residue", row["domain"], "\n".join(row["lines"]), labelled(row, "title")))
    known = {row["id"].split(":", 1)[1].removeprefix(f"{row.get('variant')}:") for row in residue}
    for name in SETS:
        for row in rows(f"lines/{name}.jsonl.gz"):
            if row.get("title") and row["id"] not in known:
                texts.append((name, row["domain"], "\n".join(row["lines"]), [fold(row["title"])]))
    for line in (ROOT / "tests/gold/corpus.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:
            row = json.loads(line)
            texts.append(("gold", row["domain"], "\n".join(row["lines"]), labelled(row, "title")))
    guesses = identify([text for _, _, text, _ in texts])
    return [
        _article(source, site, text, titles, guess.code)
        for (source, site, text, titles), guess in zip(texts, guesses, strict=True)
    ]


def _article(source: str, site: str, text: str, titles: list[str], language: str | None) -> Article:
    from rapidfuzz import fuzz

    words, page, options = lexicon(language), layout(text), Options()
    (authors,) = _authors([page], [words], options)
    known = marks(page, authors, _credits(page, words), _dates(page, words, options))
    found = headlines(page, words, known)
    values = [fold(line.value) for line in found]
    exact = [value in titles for value in values]
    if source in ("residue", "gold") or not found:
        return Article(source, site, bool(titles), found, exact, exact, WEIGHTS.get(source, 0.0))
    (label,) = titles
    near = [
        max(
            fuzz.ratio(value, label),
            fuzz.token_set_ratio(value, label) if min(len(value.split()), len(label.split())) >= 3 else 0.0,
        )
        for value in values
    ]
    right = [same or (ratio >= _NEAR and ratio >= max(near) - 3) for same, ratio in zip(exact, near, strict=True)]
    weight = WEIGHTS["page"] if any(right) else 0.0 if max(near) >= _FAR else WEIGHTS["silent"]
    return Article(source, site, True, found, exact, right, weight * (WEIGHTS["old"] if source == "l3s.traf" else 1.0))


def train(known: list[Article]) -> Any:
    """Return a CatBoost model of the rows of `known`, each article a group with a row for "none of them"."""
    from catboost import CatBoost, Pool

    known = [article for article in known if article.found and article.weight]
    signs = np.concatenate([table(article.found) for article in known])
    target, group, weight = [], [], []
    for number, article in enumerate(known):
        hits = sum(article.right)
        target += [right / max(hits, 1) for right in article.right] + [float(not hits)]
        group += [number] * (len(article.found) + 1)
        weight += [article.weight] * (len(article.found) + 1)
    model = CatBoost(
        {
            "loss_function": "QuerySoftMax", "iterations": 400, "depth": 3, "learning_rate": 0.06, "l2_leaf_reg": 6,
            "rsm": 0.5, "bootstrap_type": "Bernoulli", "subsample": 0.8, "random_seed": 0, "thread_count": 1,
            "verbose": False, "allow_writing_files": False,
        }
    )  # fmt: skip
    model.fit(Pool(signs, target, group_id=group, group_weight=weight))
    return model


def likely(model: Any, found: list[Headline]) -> list[float]:
    """Probability of each line of one text to be its title."""
    scores = model.predict(table(found))
    weights = np.exp(scores - scores.max())
    listed: list[float] = (weights / weights.sum())[:-1].tolist()
    return listed


def score(known: list[Article]) -> None:
    """Print precision and recall of what would be taken, each site judged by a model that has not seen it."""
    folds = [int(hashlib.sha256(article.site.encode()).hexdigest(), 16) % _FOLDS for article in known]
    tally: dict[str, list[int]] = {}
    for part in range(_FOLDS):
        model = train([article for article, place in zip(known, folds, strict=True) if place != part])
        for article, place in zip(known, folds, strict=True):
            if place != part:
                continue
            right, taken, wanted = tally.setdefault(article.source, [0, 0, 0])
            wanted += article.wanted
            if article.found:
                best, chance = likeliest(article.found, likely(model, article.found))
                if sure(best, chance):
                    taken += 1
                    right += article.exact[article.found.index(best)]
            tally[article.source] = [right, taken, wanted]
    for source, (right, taken, wanted) in tally.items():
        print(f"{source:12} precision {right / max(taken, 1):.4f}, recall {right / max(wanted, 1):.4f}")


def write(known: list[Article], path: Path) -> None:
    """Train on all of `known` and write the trees as plain arrays."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "model.json"
        train(known).save_model(str(stored), format="json")
        trees = json.loads(stored.read_text(encoding="utf-8"))
    splits = [tree["splits"] for tree in trees["oblivious_trees"]]
    scale, _ = trees["scale_and_bias"]
    np.savez_compressed(
        path,
        columns=np.array([[split["float_feature_index"] for split in tree] for tree in splits], dtype=np.int16),
        borders=np.array([[split["border"] for split in tree] for tree in splits], dtype=np.float32),
        leaves=np.array([tree["leaf_values"] for tree in trees["oblivious_trees"]], dtype=np.float32) * scale,
    )


def main() -> None:
    """Score the model, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="train on everything and write the model")
    options = parser.parse_args()
    known = articles()
    if options.write:
        write(known, ROOT / "src/corpuskit/metadata/data/title.npz")
        print(f"{len(known)} articles", file=sys.stderr)
    else:
        score(known)


if __name__ == "__main__":
    main()
