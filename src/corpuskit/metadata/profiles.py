"""The n-grams of langdetect and how likely each is in its languages, as arrays in the cache of this machine.

To read its 55 files of JSON and put them together took a quarter of a second of each process that meets a text of which the
fast tier is unsure.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.cache import Arrays, arrays

__all__ = ["Profiles", "profiles_of", "read_profiles"]


class Profiles:
    """The probabilities of n-grams in the languages of langdetect, as `DetectorFactory.add_profile` makes them.

    There a list for each n-gram, nearly all of it 0, takes 65 MB; the 184,000 that are not take 2.
    """

    def __init__(self, said: Arrays) -> None:
        grams = said["grams"].tobytes().decode().split("\n")
        self._numbers = dict(zip(grams, range(len(grams)), strict=True))
        self.languages: list[str] = said["names"].tolist()
        self._languages, self._chances, self._starts = said["languages"], said["chances"], said["starts"]

    def __contains__(self, gram: object) -> bool:
        return gram in self._numbers

    def of(self, grams: Sequence[str]) -> NDArray[np.float64]:
        """The probabilities of some n-grams, all of them known, as rows."""
        numbers = np.array([self._numbers[gram] for gram in grams])
        starts = self._starts[numbers]
        counts = self._starts[numbers + 1] - starts
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)
        found = np.zeros((len(grams), len(self.languages)))
        found[np.repeat(np.arange(len(grams)), counts), self._languages[at]] = self._chances[at]
        return found


def read_profiles() -> Profiles:
    """Return the profiles that come with langdetect, in the order of their names."""
    from langdetect.detector_factory import PROFILES_DIRECTORY

    texts = [path.read_bytes() for path in sorted(Path(PROFILES_DIRECTORY).iterdir()) if path.is_file()]
    made_from = b"\0".join([*texts, Path(__file__).read_bytes()])
    return Profiles(arrays("langdetect", made_from, lambda: profiles_of(map(json.loads, texts))))


def profiles_of(profiles: Iterable[Mapping[str, Any]]) -> Arrays:
    """Return what `Profiles` keeps of some profiles as langdetect has them: `freq`, `n_words` and `name` of each."""
    known: dict[str, int] = {}
    names: list[str] = []
    numbers, languages, chances = array("l"), array("l"), array("d")
    for profile in profiles:
        for gram, times in profile["freq"].items():
            numbers.append(known.setdefault(gram, len(known)))
            languages.append(len(names))
            chances.append(1.0 * times / profile["n_words"][len(gram) - 1])
        names.append(profile["name"])
    order = np.argsort(numbers, kind="stable")
    return {
        "grams": np.frombuffer("\n".join(known).encode(), dtype=np.uint8),
        "names": np.asarray(names),
        "languages": np.asarray(languages)[order].astype(np.uint8),
        "chances": np.asarray(chances)[order],
        "starts": np.searchsorted(np.asarray(numbers)[order], np.arange(len(known) + 1)).astype(np.int32),
    }
