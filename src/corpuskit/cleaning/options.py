"""What a user can choose about cleaning: the `[clean]` table of corpuskit.toml."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from corpuskit.errors import ConfigError, nearest
from corpuskit.model import FAMILIES

__all__ = ["DIAL", "SHARED_BUDGET", "Options"]

#: The named settings of the dial: the least confidence at which an edit is made. On the main labelled set, with models
#: that never saw a document's site, the upper 95 % bound of the good words they lose (bootstrap over sites,
#: benchmarks/dial.py) is at most 1,000 and 5,000 in a million for the last two. The first is set by its point estimate
#: (91, at most 100 are promised): 56 in a million are counted as lost whatever the threshold, most by one repaired page.
DIAL: dict[str, float] = {"careful": 0.995, "standard": 0.895, "thorough": 0.6}


#: Families that are no rules, and why nothing of them can stay out.
_ALWAYS = {
    "encoding": "rules read repaired text",
    "blank": "it closes the gaps that cuts leave",
    "pii": "personal data is masked where [pii] action says so",
}

#: The options of the loss budget that only a build knows: those of sources and rules.
SHARED_BUDGET = ("budget_source_words", "budget_source_share", "budget_rule_words", "budget_rule_share")


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the cleaning stage.

    The budgets of sources and rules are twice and four times what no source of the labelled sets reaches at the
    standard setting of the dial, where the most that any loses by one rule is 22 words (0.27 % of its words).

    Raises `ConfigError` when a value is out of its range.
    """

    threshold: str | float = "standard"  #: "careful", "standard", "thorough", or a confidence in (0, 1]
    model: bool = True                   #: let the line model propose
    preview: bool = False                #: make the edits of preview rules, too
    disable: tuple[str, ...] = ()        #: families or rule ids that stay out
    rules: tuple[str, ...] = ()          #: folders with further rule files, or single ones
    templates: str = ""                  #: file of pinned source templates, as `corpuskit rules suggest` writes it
    learn_templates: bool = True         #: in a build, learn the lines that each source repeats
    budget_words: float = 25.0           #: expected good words lost that are allowed in any document
    budget_share: float = 0.03           #: and, in longer ones, as a share of the words of the document
    budget_source_words: float = 100.0   #: the same over all documents of a source, in a build
    budget_source_share: float = 0.005   #: and, in larger sources, as a share of their words
    budget_rule_words: float = 50.0      #: the same for each rule in a source
    budget_rule_share: float = 0.003
    decisions: str = ""                  #: file of what a person has released from the budget

    def __post_init__(self) -> None:
        """Check the values."""
        if isinstance(self.threshold, str):
            if self.threshold not in DIAL:
                raise ConfigError(
                    f"[clean] threshold = {self.threshold!r}: not one of {', '.join(DIAL)}, nor a number"
                    f"{nearest(self.threshold, list(DIAL))}"
                )
        elif not 0 < self.threshold <= 1:
            raise ConfigError(f"[clean] threshold = {self.threshold}: a confidence lies above 0 and at most at 1")
        for name in self.disable:
            if name in _ALWAYS:
                raise ConfigError(f"[clean] disable: {name!r} cannot be left out: {_ALWAYS[name]}")
            if name.partition(".")[0] not in FAMILIES:
                raise ConfigError(
                    f"[clean] disable: {name!r} is no family and no rule id{nearest(name, list(FAMILIES))}"
                )
        for what in ("budget", "budget_source", "budget_rule"):
            if getattr(self, f"{what}_words") < 0 or not 0 <= getattr(self, f"{what}_share") <= 1:
                raise ConfigError(f"[clean] {what}_words is at least 0, {what}_share lies between 0 and 1")

    @property
    def alone(self) -> Options:
        """The options that count for a document by itself: without what is decided over many of them."""
        names = ("templates", "learn_templates", "decisions", *SHARED_BUDGET)
        usual: dict[str, Any] = {one.name: one.default for one in fields(self) if one.name in names}
        return replace(self, **usual)

    def at(self, home: Path) -> Options:
        """Return the options with the folders of `rules` as they count from `home`."""
        return replace(self, rules=tuple(str((home / name).absolute()) for name in self.rules))

    @property
    def own_rules(self) -> tuple[Path, ...]:
        """The folders of `rules`. Raises `ConfigError` for one that is not there."""
        for name in self.rules:
            if not Path(name).exists():
                raise ConfigError(f"[clean] rules: {str(Path(name).absolute())!r}: there is no such folder or file")
        return tuple(Path(name) for name in self.rules)

    @property
    def least(self) -> float:
        """The least confidence at which an edit is made."""
        return DIAL[self.threshold] if isinstance(self.threshold, str) else self.threshold
