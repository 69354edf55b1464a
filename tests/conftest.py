"""Where things lie: the repository, and the shared data that a clone may not have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Laws are about results: a busy machine, or the first call that imports a library, must not break one.
settings.register_profile("corpuskit", deadline=None)
settings.load_profile("corpuskit")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data (real essays, labelled documents), or a skip with the reason."""
    place = Path(os.environ.get("CORPUSKIT_SHARED", REPOSITORY.parent / "shared"))
    if not (place / "essays" / "gold.json").is_file():
        pytest.skip(f"the shared data is not here: {place} (set CORPUSKIT_SHARED)")
    return place
