"""The settings of duplicate search; every default carries its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields

from corpuskit.errors import ConfigError

__all__ = ["DEFAULTS", "Options"]

_MAY_BE_NONE = {"max_facts", "passages"}
_NOT_NUMBERS = {"against", "keep_release", "takedown"}


@dataclass(frozen=True, slots=True)
class Options:
    """What counts as a copy, and how hard to look for one.

    The first group only proposes pairs: it costs recall or time, never a text. The second group decides.
    Raises `ConfigError` when a value is out of its range.
    """

    # -- proposing ---------------------------------------------------------------------------------------
    #: Words in a shingle of the MinHash sketch. Three, not the usual five: one changed word spoils five
    #: five-grams but three three-grams, and the texts decide afterwards anyway.
    shingle: int = 3
    #: Bands of the sketch; two texts that agree in one whole band are proposed.
    bands: int = 32
    #: Values in a band. P(proposed) = 1 - (1 - J**rows)**bands: .99 at J = .6, .56 at J = .4 (32 bands of 4).
    rows: int = 4
    #: Five-word shingles in the window of which the smallest hash becomes an anchor (winnowing: Schleimer,
    #: Wilkerson & Aiken 2003). Any passage of `window + 4` words shared word for word shares an anchor.
    window: int = 16
    #: Anchors, smallest hashes first, that a text asks the others for; this finds an excerpt in a long text.
    probes: int = 16
    #: Share of the asked anchors that must be answered by one text before the pair is proposed.
    probe_share: float = 0.25
    #: Texts that share a key are the bucket of that key. Of those that stay so many answer for it, the fullest first;
    #: up to so many members all pairs are looked at for what they have in common.
    bucket: int = 64
    #: In a larger bucket each member is linked to this many first ones, under a band key also to the one before.
    heads: int = 4
    #: Texts that stay against which one text is read, those with most evidence first.
    partners: int = 16

    # -- deciding ----------------------------------------------------------------------------------------
    #: Below this many words only an exact copy is a copy: a single sentence stands in other texts by right.
    min_words: int = 20
    #: Share of the words of the copy that stand in five-word shingles of the kept text, most of them in stretches of 25
    #: words and more. The weakest natural
    #: duplicate of the benchmark has .955, the closest rewrite by another hand .934.
    min_coverage: float = 0.94
    #: A passage of this many consecutive words that the kept text lacks blocks the drop: a good sentence.
    max_passage: int = 25
    #: Words per tolerated *exchanged fact*: a number or name standing where the kept text has another one.
    #: It tells an edited copy (one in 250 words) from two texts made from one form (many).
    words_per_fact: int = 250
    #: Below this many words the first and last words count as well: in a short notice they hold the date
    #: and the place, in an article a dateline or a headline.
    whole_words: int = 100
    #: Never tolerate more exchanged facts than this, however long the text.
    max_facts: int = 5
    #: Covered share of the kept text, and share of its length, from which a copy is near rather than contained.
    near_share: float = 0.8
    #: Covered share, either way, from which a pair that is not a copy is reported as related.
    related_share: float = 0.3

    #: Mark paragraphs of at least this many words that several kept documents of a source have; 0: do not look.
    passages: int = 0

    # -- what was published before, and what must not come back ------------------------------------------
    #: Published dataset folders: their texts count as kept, and a copy of one is left out. Relative paths count
    #: from the configuration file.
    against: tuple[str, ...] = ()
    #: What an earlier release kept stays kept, whatever comes now. False lets a fuller new text take the place of a
    #: released one that is read again.
    keep_release: bool = True
    #: File of ids and texts that must not be published, nor their near copies; relative like `against`.
    takedown: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in _NOT_NUMBERS:
                continue
            value = getattr(self, field.name)
            share = field.name in {"probe_share", "min_coverage", "near_share", "related_share"}
            if share and not 0.0 < value <= 1.0:
                raise ConfigError(f"[dedup] {field.name} = {value!r}: expected a share above 0 and at most 1")
            if not share and (not isinstance(value, int) or value < (0 if field.name in _MAY_BE_NONE else 1)):
                raise ConfigError(f"[dedup] {field.name} = {value!r}: expected a whole number of at least 1")
        if self.window & (self.window - 1):
            raise ConfigError(f"[dedup] window = {self.window}: expected a power of two")
        if (self.bands * self.rows) & (self.bands * self.rows - 1):
            raise ConfigError(f"[dedup] bands x rows = {self.bands * self.rows}: expected a power of two")


DEFAULTS = Options()
