"""The rules that the options of cleaning name."""

from __future__ import annotations

from collections.abc import Sequence

from corpuskit.cleaning.options import Options
from corpuskit.cleaning.rules.loader import RuleFile, with_own
from corpuskit.cleaning.rules.rule import RuleSet
from corpuskit.cleaning.templates import RULE as TEMPLATE
from corpuskit.errors import ConfigError, nearest
from corpuskit.model import FAMILIES

__all__ = ["known_rules"]


def known_rules(options: Options, own: Sequence[RuleFile]) -> RuleSet:
    """Return the built-in rules and those of the files that `options` name, `own`, disabled ones among them.

    Raises `RuleError` for rules that do not load, `ConfigError` for a disabled rule that there is not.
    """
    rules = with_own(own)
    for name in options.disable:
        if name not in FAMILIES and name not in rules.by_id and name != TEMPLATE:
            raise ConfigError(f"[clean] disable: no rule is called {name!r}{nearest(name, list(rules.by_id))}")
    return rules
