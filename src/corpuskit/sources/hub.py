"""A dataset by its name on the Hub, from the local cache of `datasets` and from nowhere else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpuskit.errors import InputError

__all__ = ["PREFIX", "cached"]

#: What marks such an input: ``hf:org/name``, or ``hf:org/name@config``.
PREFIX = "hf:"

_OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")


def cached(name: str) -> Path:
    """Return the folder in which `datasets` keeps what ``load_dataset(name)`` once loaded; the network is not asked.

    `name` is "org/name", or "org/name@config" where several are cached. Raises `InputError` when it is not there, with
    the command that loads it.
    """
    dataset, _, config = name.removeprefix(PREFIX).partition("@")
    with _offline() as datasets:
        try:
            builder = datasets.load_dataset_builder(dataset, config or None)
            folder = Path(builder.cache_dir)
        except Exception as error:
            said = " ".join(str(error).split())
            load = f"load_dataset({', '.join(json.dumps(one) for one in (dataset, config) if one)})"
            raise InputError(
                f"{PREFIX}{dataset}: is not in the cache of `datasets` ({said[:200]}); corpuskit never downloads: run "
                f"`python -c 'import datasets; datasets.{load}'` once where there is a network, or name a folder"
            ) from None
    if not any(folder.glob("*.arrow")):
        raise InputError(
            f"{PREFIX}{dataset}: {folder} holds no data yet; corpuskit never downloads: load it with `datasets` once where "
            "there is a network"
        )
    return folder


@contextmanager
def _offline() -> Iterator[Any]:
    """`datasets`, for as long as it is asked, without a network and without talk."""
    before = {key: os.environ.get(key) for key in _OFFLINE}
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    try:
        import datasets
        from huggingface_hub import constants

        settings = [(datasets.config, "HF_HUB_OFFLINE"), (constants, "HF_HUB_OFFLINE")]
        kept = [getattr(owner, key) for owner, key in settings]
        level = datasets.utils.logging.get_verbosity()
        try:
            for owner, key in settings:
                setattr(owner, key, True)
            datasets.utils.logging.set_verbosity_error()
            yield datasets
        finally:
            datasets.utils.logging.set_verbosity(level)
            for (owner, key), value in zip(settings, kept, strict=True):
                setattr(owner, key, value)
    finally:
        for key, old in before.items():
            if old is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = old
