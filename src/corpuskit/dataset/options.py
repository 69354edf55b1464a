"""The options of the package stage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from corpuskit.errors import ConfigError

__all__ = ["Options", "release_date"]

_VERSION = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")
_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


def release_date(stated: str, epoch: str | None) -> str:
    """Return the date of a release: the one stated in ``[package] date``, else the day of SOURCE_DATE_EPOCH.

    `epoch` is the value of that variable, in seconds since 1970 UTC, None when it is not set
    (reproducible-builds.org, SOURCE_DATE_EPOCH). Empty when neither is given. Raises `ConfigError`.
    """
    if stated or not epoch:
        return stated
    if not re.fullmatch(r"[0-9]{1,11}", epoch):
        raise ConfigError(f"SOURCE_DATE_EPOCH: {epoch!r} is not a number of seconds")
    return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Options:
    """How the dataset folder is written.

    Level 9 of zstd is the knee on essays: 43 % smaller than snappy at about 45 MB/s; level 3 writes five times
    as fast for files a seventh larger. Row groups stay small because the Hub's viewer refuses to scan more
    than about 300 MB, and because nested columns in large row groups do not load (datasets#7793).

    Raises `ConfigError` when a value is out of its range.
    """

    version: str = "1.0.0"  #: x.y.z; `datasets` takes a bare 1.0 for a float and fails
    date: str = ""  #: ISO date of the release; empty leaves it out (there is no clock)
    level: int = 9  #: zstd level, 1 to 22
    group_rows: int = 1_000  #: most rows in a row group
    group_bytes: int = 32 << 20  #: most uncompressed bytes in a row group of more than one row
    shard_bytes: int = 256 << 20  #: most uncompressed bytes in a file of more than one row group

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise ConfigError(
                f'[package] version: {self.version!r} is not of the form x.y.z, such as "1.0.0"'
            )
        if self.date and not _DATE.fullmatch(self.date):
            raise ConfigError(f"[package] date: {self.date!r} is not a date of the form 2026-11-21")
        if not 1 <= self.level <= 22:
            raise ConfigError(f"[package] level: {self.level} is not between 1 and 22")
        for name in ("group_rows", "group_bytes", "shard_bytes"):
            if getattr(self, name) < 1:
                raise ConfigError(f"[package] {name}: {getattr(self, name)} is not above 0")
