"""The configuration that `corpuskit init` writes."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from importlib.resources import files
from typing import Any

from corpuskit.config import Config, parse

STARTER = (files("corpuskit.cli") / "starter" / "corpuskit.toml").read_text(encoding="utf-8").replace("@NAME@", "essays")


def defaults(options: Any) -> dict[str, Any]:
    """The options as the tables of a TOML file."""
    found: dict[str, Any] = {}
    for one in dataclasses.fields(options):
        value = getattr(options, one.name)
        if dataclasses.is_dataclass(value):
            value = defaults(value)
        found[one.name] = list(value) if isinstance(value, tuple) else value
    return found


def test_every_key_stands_there_with_its_default() -> None:
    """With its comment signs taken away, the file states every option there is, as it is by default."""
    bare = re.sub(r"^# (?=[a-z_]+ = )", "", STARTER, flags=re.MULTILINE)
    said = tomllib.loads(bare)
    version = said["package"].pop("version")
    wanted = defaults(Config())
    del wanted["package"]["version"]
    assert wanted == said
    assert "0.1.0" == version


def test_the_file_as_it_is_changes_nothing_but_name_and_version() -> None:
    """As it is written it reads without an error and is the defaults."""
    config = parse(STARTER)
    assert dataclasses.replace(Config(), package=config.package) == config
    assert dataclasses.replace(Config().package, version="0.1.0") == config.package
