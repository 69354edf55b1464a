"""Personal data in a build: reported, or masked so that no byte of the published folder tells it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpuskit.config import parse
from corpuskit.run.build import Built, build, plan_of

SECRETS = (b"mara.voss@example.org", b"desk@example.org", b"keeper@example.org", b"9018200", b"3704 0044", b"192.168.17.4")
TALE = "\n\n".join(f"The {n}th lamp of the long quay went out, and nobody who lived there said why." for n in range(12))
RAW = (
    f"The Long Quay\nBy Mara Voss (mara.voss@example.org)\n\n{TALE}\n\nThe keeper's number was +49 30 9018200, his account "
    "DE89 3704 0044 0532 0130 00, his address keeper@example.org, and the lamp answered at 192.168.17.4.\n\nAdvertisement\n"
    "Sign up for our newsletter: desk@example.org\n"
)


def run(home: Path, toml: str = "") -> Built:
    """Build home/raw into home/out."""
    config = parse(toml)
    place = dataclasses.replace(config.build, raw=str(home / "raw"), processed=str(home / "out"), workers=1)
    return build(plan_of(dataclasses.replace(config, build=place), home))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two texts, one of them with everything that should not be told."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "quay.txt").write_text(RAW)
    (tmp_path / "raw" / "tide.txt").write_text("The tide table hung by the door, and nobody read it.")
    return tmp_path


def holding(folder: Path, secrets: tuple[bytes, ...]) -> set[bytes]:
    """Which of `secrets` stand anywhere in the files of a dataset, read as a reader would."""
    found = set()
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            text = repr(pq.read_table(path).to_pylist()).encode()
        else:
            text = path.read_bytes() if path.is_file() else b""
        found |= {secret for secret in secrets if secret in text}
    return found


def test_a_report_counts_and_changes_nothing(corpus: Path) -> None:
    """By default finds are counted by kind, in columns and on the card, and the texts stay as they are."""
    built = run(corpus)
    rows = {row["path"]: row for row in pq.read_table(built.folder / "data").to_pylist()}
    quay, tide = rows["quay.txt"], rows["tide.txt"]
    assert (1, 1, 1) == (quay["pii_iban"], quay["pii_ip"], quay["pii_phone"])
    assert {0} == {tide[f"pii_{kind}"] for kind in ("email", "iban", "ip", "phone")}
    assert "9018200" in quay["text"]
    card = (built.folder / "README.md").read_text()
    assert "found by their form, and left as they are" in card
    assert "| phone numbers | 1 | 1 |" in card


def test_off_looks_for_nothing(corpus: Path) -> None:
    """With action = "off" the columns are null."""
    rows = pq.read_table(run(corpus, '[pii]\naction = "off"').folder / "data").to_pylist()
    assert {None} == {row["pii_email"] for row in rows}


def test_masked_data_stands_nowhere_in_the_published_folder(corpus: Path) -> None:
    """Not in texts, ledger, fields, evidence or card; the build itself has proved the account on all of it."""
    assert set(SECRETS) == holding(run(corpus).folder, SECRETS)
    built = run(corpus, '[pii]\naction = "mask"')
    assert set() == holding(built.folder, SECRETS)
    row = next(row for row in pq.read_table(built.folder / "data").to_pylist() if row["path"] == "quay.txt")
    assert "number was [phone], his account [iban], his address [email], and the lamp answered at [ip]." in row["text"]
    assert ["Mara Voss"] == row["authors"]
    assert hashlib.sha256(RAW.encode()).hexdigest() == row["raw_sha256"]
    edits = [edit for edit in pq.read_table(built.folder / "removed").to_pylist() if edit["id"] == row["id"]]
    masked = {edit["rule"]: edit["removed"] for edit in edits if edit["family"] == "pii"}
    assert dict.fromkeys(("pii.any.email", "pii.any.iban", "pii.any.ip", "pii.any.phone")) == masked
    assert all(edit["removed"] is None or len(edit["removed"]) == edit["end"] - edit["start"] for edit in edits)
    assert "published nowhere" in (built.folder / "README.md").read_text()


def test_masked_data_stands_in_no_name_address_or_statement_either(corpus: Path) -> None:
    """Names of files and records, addresses (also with %40), what is declared of sources, what could not be read."""
    secret = "ada.quill@example.org"
    raw = corpus / "raw"
    (raw / "post" / secret).mkdir(parents=True)
    (raw / "post" / secret / "letters.txt").write_text(TALE.replace("lamp", "letter"))
    (raw / f"{secret}.bin.txt").write_bytes(bytes(range(32)) * 40)
    rows = [
        {"text": TALE.replace("lamp", "wheel"), "url": f"https://post.example/?to={secret}", "title": f"To {secret}"},
        {"text": "Too short.", "title": f"Of {secret}"},
        {"text": TALE + f" It was {secret} who counted them.", "license": f"Ask {secret}", "publisher": f"Quay, {secret}"},
    ]
    (raw / f"{secret}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (raw / "sources.toml").write_text(
        f'[[source]]\nname = "Quay"\nfiles = ["quay.txt"]\npublisher = "Of {secret}"\nlicense = "Ask {secret}"\n'
    )
    built = run(corpus, '[pii]\naction = "mask"\n[filter]\ndrop = ["words < 5"]')
    assert built.funnel is not None
    assert (1, 1) == (built.funnel.quarantined, built.funnel.filtered)
    hidden = (secret.encode(), secret.replace("@", "%40").encode())
    assert set() == holding(built.folder, hidden)
    paths = {row["path"] for row in pq.read_table(built.folder / "data").to_pylist()}
    assert "post/[email]/letters.txt" in paths


def test_explain_of_the_published_dataset_hides_it(corpus: Path) -> None:
    """Where personal data stood, explain shows blots of the same length."""
    toml = '[build]\nprocessed = "out"\n[pii]\naction = "mask"\n'
    (corpus / "corpuskit.toml").write_text(toml)
    built = run(corpus, toml)
    row = next(row for row in pq.read_table(built.folder / "data").to_pylist() if row["path"] == "quay.txt")
    for more in ([], ["--json"], ["--fields"]):
        done = subprocess.run(
            [sys.executable, "-m", "corpuskit", "explain", row["id"], *more], cwd=corpus, capture_output=True, check=True
        )
        assert not any(secret in done.stdout for secret in SECRETS)
        assert ("█".encode() in done.stdout) == (more != ["--fields"])


def test_what_no_field_takes_is_published_and_masked(tmp_path: Path) -> None:
    """Columns without a field stand in `extra_json`, by default as they are."""
    (tmp_path / "raw").mkdir()
    row = {"id": "x1", "text": TALE, "page": 7, "mood": "ask desk@example.org", "odd": "\ud83d"}
    (tmp_path / "raw" / "r.jsonl").write_text(json.dumps(row))
    said = [
        pq.read_table(run(tmp_path, toml).folder / "data").column("extra_json")[0].as_py()
        for toml in ("", "[pii]\naction = 'mask'", "[ingest.columns]\nextra = '-'")
    ]
    assert said == [
        r'{"mood":"ask desk@example.org","odd":"\ud83d","page":7}', r'{"mood":"ask [email]","odd":"\ud83d","page":7}', None
    ]
