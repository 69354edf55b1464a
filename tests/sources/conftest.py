"""A folder to read, and a way to read it whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpuskit.model import Document, Quarantined
from corpuskit.sources import Options, Sources, discover, read

ReadAll = Callable[..., list[Document | Quarantined]]


@pytest.fixture
def read_all(tmp_path: Path) -> ReadAll:
    """Write the files (name to bytes) into a fresh folder and read them all."""

    def reading(
        files: dict[str, bytes], options: Options | None = None, declared: Sources | None = None
    ) -> list[Document | Quarantined]:
        for name, data in files.items():
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        options = options or Options()
        declared = declared or Sources()
        return [found for file in discover(tmp_path, options) for found in read(tmp_path, file, declared, options)]

    return reading
