"""Fetch the prose that the corpus is cut from: packages of Debian 12 that carry text, each at one version.

    python benchmarks/perf/prose.py FOLDER [--all]

They come by `apt-get download`, from the sources that this machine has (and their non-free part, which holds the
RFCs and the manuals of GNU); nothing is installed, and no rights are needed. Without `--all` only what a few thousand
documents need. What lies in FOLDER already is not fetched again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Enough for 4,000 documents.
FEW = {
    "anarchism": "15.3-3",
    "debian-handbook": "11.20220922",
    "freebsd-manpages": "12.2-1",
    "manpages": "6.03-2",
    "manpages-dev": "6.03-2",
}

#: Enough for 100,000. Names without a language are in English; the handbook is in a dozen.
ALL = {
    **FEW,
    "cmake-doc": "3.25.1-1",
    "debian-reference-en": "2.100",
    "developers-reference": "12.18",
    "doc-rfc-experimental": "20230121-1",
    "doc-rfc-fyi-bcp": "20230121-1",
    "doc-rfc-informational": "20230121-1",
    "doc-rfc-old-std": "20230121-1",
    "doc-rfc-others": "20230121-1",
    "doc-rfc-std": "20230121-1",
    "exim4-doc-html": "4.96-1",
    "emacs-common-non-dfsg": "1:28.2+1-2",
    "gcc-12-doc": "12.2.0-1",
    "glibc-doc-reference": "2.36-1",
    "grass-doc": "8.2.1-1",
    "kicad-doc-en": "6.0.11+dfsg-1",
    "libboost1.81-doc": "1.81.0-5+deb12u1",
    "lilypond-doc-html": "2.24.1-2",
    "llvm-14-doc": "1:14.0.6-12",
    "octave-doc": "7.3.0-2",
    "postgis-doc": "3.3.2+dfsg-1",
    "python-pandas-doc": "1.5.3+dfsg-2",
    "python-scipy-doc": "1.10.1-2",
    "python-sklearn-doc": "1.2.1+dfsg-1",
    "python-sqlalchemy-doc": "1.4.46+ds1-1",
    "python-statsmodels-doc": "0.13.5+dfsg-7",
    "r-doc-html": "4.2.2.20221110-2",
    "rust-doc": "1.63.0+dfsg1-2",
    "sagemath-doc": "9.5-6",
    "tcl8.6-doc": "8.6.13+dfsg-2",
    "wx3.2-doc": "3.2.2+dfsg-2",
    "installation-guide-amd64": "20230508+deb12u1",
    "manpages-cs": "4.18.1-1",
    "manpages-da": "4.18.1-1",
    "manpages-de": "4.18.1-1",
    "manpages-es": "4.18.1-1",
    "manpages-fi": "4.18.1-1",
    "manpages-fr": "4.18.1-1",
    "manpages-hu": "1:4.18.1-1",
    "manpages-it": "4.18.1-1",
    "manpages-ja": "0.5.0.0.20221215+dfsg-1",
    "manpages-nl": "4.18.1-1",
    "manpages-pl": "1:4.18.1-1",
    "manpages-pt-br": "4.18.1-1",
    "manpages-ru": "4.18.1-1",
    "manpages-sv": "4.18.1-1",
    "manpages-tr": "2.0.6-2",
    "manpages-uk": "4.18.1-1",
    "manpages-zh": "1.6.4.0-1",
}
_SOURCES = Path("/etc/apt")
_COMPONENTS = "main non-free"


def fetch(folder: Path, packages: dict[str, str]) -> list[Path]:
    """Return the files of the packages, sorted by name, fetched where they are not there.

    Raises `RuntimeError` with what apt said, where a package cannot be had at its version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stems = {name: f"{name}_{version.replace(':', '%3a')}" for name, version in sorted(packages.items())}
    missing = [name for name, stem in stems.items() if not any(folder.glob(f"{stem}_*.deb"))]
    if missing:
        print(f"fetching {len(missing)} packages of prose into {folder}", file=sys.stderr)
        apt = ["apt-get", "-qq", f"--config-file={_configuration(folder)}"]
        _run([*apt, "update"], folder)
        _run([*apt, "download", *(f"{name}={packages[name]}" for name in missing)], folder)
    return [next(folder.glob(f"{stem}_*.deb")) for stem in stems.values()]


def unpacked(folder: Path, packages: dict[str, str]) -> Iterator[Path]:
    """Yield the folder of each package, named by it, which is there until the next one is asked for: together they would
    take 3 GB.

    Raises `RuntimeError` as `fetch` does.
    """
    for package in fetch(folder, packages):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            root = Path(place) / package.stem
            _run(["dpkg-deb", "-x", str(package.resolve()), str(root.resolve())], folder)
            yield root


def _configuration(folder: Path) -> Path:
    """Write a configuration for apt: lists of its own, and the sources of this machine with their non-free part."""
    own = folder.resolve() / "apt"
    for name in ("lists/partial", "cache/archives/partial", "sources"):
        (own / name).mkdir(parents=True, exist_ok=True)
    found = [_SOURCES / "sources.list", *sorted((_SOURCES / "sources.list.d").glob("*"))]
    for path in found:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^Components:.*$", f"Components: {_COMPONENTS}", text, flags=re.MULTILINE)
        text = re.sub(r"^(deb (?:\[.*?\] )?\S+ \S+) main.*$", rf"\1 {_COMPONENTS}", text, flags=re.MULTILINE)
        (own / "sources" / path.name).write_text(text, encoding="utf-8")
    configuration = own / "apt.conf"
    configuration.write_text(
        'Dir::Etc::sourcelist "/dev/null";\n'
        f'Dir::Etc::sourceparts "{own}/sources";\n'
        f'Dir::State::lists "{own}/lists";\n'
        f'Dir::Cache "{own}/cache";\n'
        'APT::Sandbox::User "";\n',
        encoding="utf-8",
    )
    return configuration


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise RuntimeError(f"no {command[0]} here: the prose is in packages of Debian") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} …: {(done.stderr or done.stdout).strip()[-1500:]}")


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="what 100,000 documents need (670 MB to fetch)")
    given = parser.parse_args()
    try:
        fetch(given.folder, ALL if given.all else FEW)
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
