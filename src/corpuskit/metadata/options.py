"""What a user can set about metadata."""

from __future__ import annotations

from dataclasses import dataclass

from corpuskit.errors import ConfigError, nearest

__all__ = ["KINDS", "FilterOptions", "Options", "PiiOptions"]

#: The kinds of personal data that are looked for.
KINDS = ("email", "iban", "ip", "phone")


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
    authors: str = ""  #: file of accepted aliases, relative to corpuskit.toml (`corpuskit authors --write` makes one)


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The `[filter]` table: which documents are left out, though they could be read and cleaned.

    Raises `ConfigError` for a condition that cannot be read.
    """

    drop: tuple[str, ...] = ()  #: conditions (see `expressions`); a document of which one holds is dropped
    empty: bool = True  #: drop documents of which cleaning left nothing; otherwise they are held for a person

    def __post_init__(self) -> None:
        """Read the conditions once, so that a slip is found before anything is done."""
        for at, text in enumerate(self.drop):
            from corpuskit.metadata.expressions import parse

            parse(text, f"[filter] drop, condition {at + 1}")


@dataclass(frozen=True, slots=True)
class PiiOptions:
    """The `[pii]` table: what is done about personal data.

    Raises `ConfigError` for an action or a kind that does not exist.
    """

    action: str = "report"  #: "report" counts it, "mask" replaces it by placeholders as edits of the ledger, "off"
    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        """Check the values."""
        actions = ("report", "mask", "off")
        if self.action not in actions:
            hint = nearest(self.action, actions)
            raise ConfigError(f"[pii] action = {self.action!r}: not one of {', '.join(actions)}{hint}")
        for kind in self.kinds:
            if kind not in KINDS:
                raise ConfigError(f"[pii] kinds: there is no {kind!r}{nearest(kind, KINDS)}; there are {', '.join(KINDS)}")
        object.__setattr__(self, "kinds", tuple(kind for kind in KINDS if kind in self.kinds))

    @property
    def masked(self) -> tuple[str, ...]:
        """The kinds that are masked: none unless the action is to mask."""
        return self.kinds if self.action == "mask" else ()
