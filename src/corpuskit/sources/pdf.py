"""PDF files with a text layer."""

from __future__ import annotations

import io
from collections.abc import Iterator

from corpuskit.model import Candidate, Quarantined
from corpuskit.patterns import without_escapes
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.extras import missing
from corpuskit.sources.options import Options
from corpuskit.sources.parts import record_of_text
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import BrokenError, Entry, read_whole

__all__ = ["read_pdf"]

_MAX_PAGES = 5000


def read_pdf(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a PDF: the text layer, page after page, with the line breaks of the page."""
    if lacking := missing("pdf"):
        yield entry.quarantine(lacking)
        return
    try:
        found = _record(entry.member, read_whole(entry, options.limits))
    except BrokenError as error:
        found = error.trouble
    yield entry.quarantine(found) if isinstance(found, Trouble) else found


def _record(record: str, data: bytes) -> Record | Trouble:
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return Trouble("password", -1, "The PDF asks for a password.", "Save it again without one.")
        if len(reader.pages) > _MAX_PAGES:
            return Trouble("too-large", -1, f"The PDF has more than {_MAX_PAGES} pages.", "Split it.")
        text = "\n".join(page.extract_text() for page in reader.pages)
        fields = _fields(reader)
    except pypdf.errors.DependencyError:
        message = "The PDF is encrypted, if only against changes, in a way that pypdf needs the package cryptography to read."
        return Trouble("missing-extra", -1, message, "pip install 'corpuskit[pdf]'")
    except Exception as error:  # pypdf raises whatever a broken file leads it to
        message = f"The PDF is damaged: {type(error).__name__}: {escape(str(error))}."
        return Trouble("broken-pdf", -1, message, "Open it in a viewer and print it to a new PDF.")
    return record_of_text(record, text, data, fields)


def _fields(reader: object) -> tuple[Candidate, ...]:
    """Return title and author of the document information; programs fill both in, so neither weighs much."""
    information = getattr(reader, "metadata", None)
    found = []
    for field, name, confidence in (("title", "title", 0.45), ("author", "author", 0.5)):
        value = getattr(information, name, None)
        if isinstance(value, str) and (value := " ".join(without_escapes(value).split())) and len(value) <= 400:
            value = value.encode("utf-8", "replace").decode("utf-8")
            found.append(
                Candidate(field, value, "page", f"PDF information {name}", "pdf.information", confidence=confidence)
            )
    return tuple(found)
