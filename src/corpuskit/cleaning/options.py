"""What a user can choose about cleaning: the `[clean]` table of corpuskit.toml."""

from __future__ import annotations

from dataclasses import dataclass

from corpuskit.errors import ConfigError, nearest
from corpuskit.model import FAMILIES

__all__ = ["DIAL", "Options"]

#: The named settings of the dial: the least confidence at which an edit is made. On the main labelled set, with models
#: that never saw a document's site, the upper 95 % bound of the good words they lose (bootstrap over documents,
#: benchmarks/dial.py) is at most 1,000 and 5,000 in a million for the last two. The first is set by its point estimate
#: (91, at most 100 are promised): 56 in a million are counted as lost whatever the threshold, most by one repaired page.
DIAL: dict[str, float] = {"careful": 0.995, "standard": 0.94, "thorough": 0.76}


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the cleaning stage.

    Raises `ConfigError` when a value is out of its range.
    """

    threshold: str | float = "standard"  #: "careful", "standard", "thorough", or a confidence in (0, 1]
    model: bool = True                   #: let the line model propose
    preview: bool = False                #: make the edits of preview rules, too
    disable: tuple[str, ...] = ()        #: families or rule ids that stay out
    rules: tuple[str, ...] = ()          #: folders with further rule files
    templates: str = ""                  #: file of pinned source templates, as `corpuskit rules suggest` writes it
    learn_templates: bool = True         #: in a build, learn the lines that each source repeats
    budget_words: float = 25.0           #: expected good words lost that are allowed in any document
    budget_share: float = 0.03           #: and, in longer ones, as a share of the words of the document

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
            if name.partition(".")[0] not in FAMILIES:
                raise ConfigError(
                    f"[clean] disable: {name!r} is no family and no rule id{nearest(name, list(FAMILIES))}"
                )
        if self.budget_words < 0 or not 0 <= self.budget_share <= 1:
            raise ConfigError("[clean] budget_words is at least 0, budget_share lies between 0 and 1")

    @property
    def least(self) -> float:
        """The least confidence at which an edit is made."""
        return DIAL[self.threshold] if isinstance(self.threshold, str) else self.threshold
