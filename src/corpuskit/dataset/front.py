"""The YAML at the head of the card: what makes the folder load, and what the Hub shows.

`datasets` caches a local folder by this YAML alone: rewritten Parquet under the same YAML gives the old rows
without a word. So each config's description carries the content digest of its rows, and any change of rows
changes the YAML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from corpuskit.dataset.fields import CONFIGS, features
from corpuskit.dataset.registry import hub_license, size_category
from corpuskit.dataset.release import Release
from corpuskit.dataset.writer import ConfigFacts, config_folder
from corpuskit.errors import VerifyError
from corpuskit.metadata.tags import is_language

__all__ = ["Front", "FrontConfig", "FrontSplit", "front", "languages", "license_of", "read_front"]

_DIGEST = re.compile(r"\bbuild sha256:([0-9a-f]{64})\b")


def front(release: Release) -> str:
    """Return the YAML of the card, between its ``---`` lines."""
    codes = languages(release)
    head: dict[str, Any] = {"pretty_name": release.card.pretty_name or release.name}
    if codes:
        head["language"] = codes
        head["multilinguality"] = ["multilingual" if len(codes) > 1 else "monolingual"]
    head.update(license_of(release))
    head["size_categories"] = [size_category(release.numbers.documents)]
    head["task_categories"] = list(release.card.task_categories)
    head["annotations_creators"] = ["machine-generated"]
    head["language_creators"] = ["found"]
    head["source_datasets"] = ["original"]
    head["tags"] = [
        "text",
        "corpuskit",
        *(tag for tag in release.card.tags if tag not in ("text", "corpuskit")),
    ]
    head["configs"] = [_config(release, config) for config in release.configs]
    info = {"dataset_info": [_info(config) for config in release.configs]}
    return f"---\n{_dumped(head)}{_dumped(info, quick=str(info).isascii())}---\n"


def _dumped(value: dict[str, Any], quick: bool = False) -> str:
    """`value` as YAML. `quick` is by C where there is that: a tenth of the time, and the same for plain ASCII."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper) if quick else yaml.SafeDumper
    dumped: str = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return dumped


def languages(release: Release) -> list[str]:
    """Return the languages of the kept documents as the Hub writes them, most frequent first.

    Region subtags are cut off ("zh-cn" is refused there); codes that it does not know are left out.
    """
    codes = [code.split("-")[0].lower() for code, _ in release.numbers.languages if code]
    return [code for code in dict.fromkeys(codes) if is_language(code)]


def license_of(release: Release) -> dict[str, Any]:
    """Return the licence of the card: the publisher's word, else the one that every text states, else other."""
    stated = release.card.license
    if stated:
        found: dict[str, Any] = {"license": stated[0] if len(stated) == 1 else list(stated)}
        if release.card.license_name:
            found["license_name"] = release.card.license_name
        if release.card.license_link:
            found["license_link"] = release.card.license_link
        return found
    texts = {hub_license(name) if name else "unknown" for name, _ in release.numbers.licenses} or {"unknown"}
    if len(texts) == 1 and (only := min(texts)):
        return {"license": only}
    return {"license": "other", "license_name": "per-document", "license_link": "README.md"}


def _config(release: Release, config: ConfigFacts) -> dict[str, Any]:
    home = config_folder(config.name)
    made: dict[str, Any] = {"config_name": config.name}
    if config.name == "default":
        made["default"] = True
    made["version"] = release.version
    made["description"] = f"{CONFIGS[config.name]} build sha256:{config.digest}"
    made["data_files"] = [
        {"split": split.name, "path": f"{home}/{split.name}-*.parquet"} for split in config.splits
    ]
    return made


def _info(config: ConfigFacts) -> dict[str, Any]:
    return {
        "config_name": config.name,
        "features": features(config.schema),
        "splits": [
            {"name": split.name, "num_bytes": split.bytes, "num_examples": split.rows}
            for split in config.splits
        ],
        "download_size": sum(file.bytes for file in config.files),
        "dataset_size": config.bytes,
    }


@dataclass(frozen=True, slots=True)
class FrontSplit:
    """One split as the YAML states it."""

    name: str
    pattern: str  #: of its files, relative to the dataset folder
    rows: int  #: -1 where the YAML does not say


@dataclass(frozen=True, slots=True)
class FrontConfig:
    """One config as the YAML states it."""

    name: str
    default: bool
    version: str
    digest: str  #: content digest, empty where there is none
    splits: tuple[FrontSplit, ...]
    features: str  #: the stated features, as canonical text; empty where there are none


@dataclass(frozen=True, slots=True)
class Front:
    """What the YAML of a card says, as far as corpuskit checks it."""

    licenses: tuple[str, ...]
    license_name: str
    languages: tuple[object, ...]  #: as YAML gives them: an unquoted `no` comes as False
    sizes: tuple[str, ...]
    configs: tuple[FrontConfig, ...]


def read_front(card: str) -> Front:
    """Read the YAML at the head of a card.

    Raises `VerifyError` when there is none, when it is not YAML, or when it lacks the shape of a dataset's
    card.
    """
    import yaml

    found = re.match(r"\ufeff?---\r?\n(.*?)^---\s*?$", card, re.DOTALL | re.MULTILINE)
    if not found:
        raise VerifyError("README.md: has no YAML between two lines of ---; package the dataset again")
    try:
        # The safe loader in C where there is one: a tenth of the time for the same values.
        head = yaml.load(found.group(1), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise VerifyError(f"README.md: its YAML does not parse: {what}; package the dataset again") from error
    try:
        stated = {info["config_name"]: info for info in _items(head.get("dataset_info"))}
        configs = tuple(
            _read_config(config, stated.get(config["config_name"], {})) for config in head["configs"]
        )
        return Front(
            licenses=tuple(str(name) for name in _items(head.get("license"))),
            license_name=str(head.get("license_name", "")),
            languages=tuple(_items(head.get("language"))),
            sizes=tuple(str(size) for size in _items(head.get("size_categories"))),
            configs=configs,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise VerifyError(
            f"README.md: its YAML is not that of a dataset with configs ({type(error).__name__}: {error}); "
            "package the dataset again"
        ) from error


def canonical(columns: list[dict[str, Any]]) -> str:
    """Return features as one text, equal for equal features."""
    import json

    return json.dumps(columns, sort_keys=True)


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _read_config(config: dict[str, Any], info: dict[str, Any]) -> FrontConfig:
    rows = {split["name"]: int(split["num_examples"]) for split in info.get("splits", [])}
    digest = _DIGEST.search(str(config.get("description", "")))
    return FrontConfig(
        name=str(config["config_name"]),
        default=config.get("default") is True or config["config_name"] == "default",
        version=str(config.get("version", "")),
        digest=digest.group(1) if digest else "",
        splits=tuple(
            FrontSplit(str(entry["split"]), str(entry["path"]), rows.get(entry["split"], -1))
            for entry in config["data_files"]
        ),
        features=canonical(info["features"]) if "features" in info else "",
    )
