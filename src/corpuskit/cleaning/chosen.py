"""The rules that the options of cleaning name."""

from __future__ import annotations

from corpuskit.cleaning.options import Options
from corpuskit.cleaning.rules.loader import load
from corpuskit.cleaning.rules.rule import RuleSet
from corpuskit.cleaning.templates import RULE as TEMPLATE
from corpuskit.errors import ConfigError, nearest
from corpuskit.model import FAMILIES

__all__ = ["known_rules"]


def known_rules(options: Options) -> RuleSet:
    """Return the built-in rules and those of the folders in `options`, disabled ones among them.

    Raises `RuleError` for rules that do not load, `ConfigError` for a disabled rule that there is not.
    """
    rules = load(options.own_rules)
    for name in options.disable:
        if name not in FAMILIES and name not in rules.by_id and name != TEMPLATE:
            raise ConfigError(f"[clean] disable: no rule is called {name!r}{nearest(name, list(rules.by_id))}")
    return rules
