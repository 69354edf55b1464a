"""Documents that are zip files of XML parts: opening them within limits, and what their text becomes."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from xml.etree import ElementTree as ET

from corpuskit.model import Candidate, Quarantined
from corpuskit.sources.decoding import Decoded, Trouble, escape
from corpuskit.sources.options import Limits, Options
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import BrokenError, Entry, read_whole

__all__ = ["Parts", "read_parts", "record_of_text"]

_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    ET.ParseError,
    LookupError,
    ValueError,
    EOFError,
    RuntimeError,
    OSError,
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"

Extract = Callable[["Parts"], tuple[str, tuple[Candidate, ...]]]


class Parts:
    """The parts of one file, each and all together within `limits`."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._left = limits.document_bytes * 4

    def has(self, name: str) -> bool:
        """Say whether there is a part called `name`."""
        return name in self._archive.NameToInfo

    def data(self, name: str) -> bytes:
        """Return the bytes of a part. Raises `BrokenError` past the limits, `KeyError` when there is none."""
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise BrokenError(Trouble("password", -1, "The file is encrypted.", "Save it again without protection."))
        self._left -= info.file_size
        if self._left < 0:
            message = "The file unpacks to more than four times the limit for one document."
            raise BrokenError(Trouble("too-large", -1, message, "Split it, or raise [ingest.limits] document_bytes."))
        return self._archive.read(info)

    def xml(self, name: str) -> ET.Element:
        """Return the root of an XML part. A part that declares entities is refused: no such file needs them."""
        data = self.data(name)
        if b"<!ENTITY" in data:
            raise ValueError("the XML declares entities")
        return ET.fromstring(data)  # noqa: S314  # entities are refused above, expat reads no other file


def read_parts(entry: Entry, options: Options, extract: Extract) -> Record | Quarantined:
    """Return the one record of a file whose text and fields `extract` takes out of its parts."""
    try:
        data = read_whole(entry, options.limits)
        if data.startswith(_OLD_OFFICE):
            message = "This is an Office file of the old kind, or one with a password."
            raise BrokenError(Trouble("password", 0, message, "Save it again without password, in the new format."))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            text, fields = extract(Parts(archive, options.limits))
        found = record_of_text(entry.member, text, data, fields)
    except BrokenError as error:
        found = error.trouble
    except _FAILURES as error:
        message = f"The file is damaged: {type(error).__name__}: {escape(str(error))}."
        found = Trouble(f"broken-{entry.format}", -1, message, "Open it in its program and save it again.")
    return entry.quarantine(found) if isinstance(found, Trouble) else found


def record_of_text(record: str, text: str, data: bytes, fields: tuple[Candidate, ...]) -> Record | Trouble:
    """Return the record of a text taken out of the container `data`; it does not encode back, and says so."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair, from a broken font table
    if not text.strip():
        return Trouble("no-text", -1, "The file has no text.", "If it holds scanned pages, run text recognition first.")
    decoded = Decoded(
        text=text,
        encoding="utf-8",
        origin="given",
        confidence=1.0,
        bom=False,
        newline="lf" if "\n" in text else "none",
        bytes_sha256=sha256(data).hexdigest(),
        lossy=True,
    )
    return Record(record, decoded, "", "", "", fields)
