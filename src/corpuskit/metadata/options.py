"""What a user can set about metadata."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FilterOptions", "Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the metadata stage. Lengths are characters, thresholds are probabilities."""

    language_windows: int = 3  #: stretches of a long text that are read: head, middle, tail
    language_window: int = 600  #: characters of each
    language_letters: int = 25  #: fewer letters than this: no answer (Han, kana and Hangul count fourfold)
    language_sure: float = 0.75  #: the fast tier answers alone from this probability on
    language_least: float = 0.5  #: no answer below this confidence
    language_share: float = 0.7  #: no answer when no language has this part of the sample: mixed text
    head_lines: int = 10  #: non-blank lines from the top that are searched for bylines and dates
    tail_lines: int = 12  #: non-blank lines from the bottom
    title: bool = True  #: look for a title in the text


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The `[filter]` table: which documents are left out, though they could be read and cleaned.

    Raises `ConfigError` for a condition that cannot be read.
    """

    drop: tuple[str, ...] = ()  #: conditions (see `expressions`); a document of which one holds is dropped
    empty: bool = True  #: drop documents of which cleaning left nothing; otherwise they are held for a person

    def __post_init__(self) -> None:
        """Read the conditions once, so that a slip is found before anything is done."""
        from corpuskit.metadata.expressions import parse

        for at, text in enumerate(self.drop):
            parse(text, f"[filter] drop, condition {at + 1}")
