"""Words that the Hub knows: licences and sizes. A card with others is refused on upload."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["LICENSES", "SIZES", "hub_license", "size_category"]

#: Licence ids of cards (hub-docs: repositories-licenses), as of 2026; kept here because lint works offline.
_LICENSES = """
afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0 bigscience-openrail-m
bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0
cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0
cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0
cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
eupl-1.2 gemma gfdl gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lgpl-lr llama2 lppl-1.3c mit mpl-2.0 ms-pl
ncsa odbl odc-by ofl-1.1 openrail openrail++ osl-3.0 other pddl postgresql unknown unlicense wtfpl zlib
"""
LICENSES = tuple(_LICENSES.split())

#: SPDX ids whose Hub name is not just the lower-case form.
_SPDX = {
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
    "gpl-2.0-only": "gpl-2.0",
    "gpl-2.0-or-later": "gpl-2.0",
    "gpl-3.0-only": "gpl-3.0",
    "gpl-3.0-or-later": "gpl-3.0",
    "agpl-3.0-only": "agpl-3.0",
    "agpl-3.0-or-later": "agpl-3.0",
    "gfdl-1.3-only": "gfdl",
    "gfdl-1.3-or-later": "gfdl",
    "noassertion": "unknown",
}

SIZES = (
    "n<1K",
    "1K<n<10K",
    "10K<n<100K",
    "100K<n<1M",
    "1M<n<10M",
    "10M<n<100M",
    "100M<n<1B",
    "1B<n<10B",
    "10B<n<100B",
    "100B<n<1T",
    "n>1T",
)


@lru_cache(maxsize=256)
def hub_license(name: str) -> str:
    """Return the Hub's id for a licence given as an SPDX or Hub id, or an empty string when it has none."""
    lowered = name.strip().lower()
    known = _SPDX.get(lowered, lowered)
    return known if known in LICENSES else ""


def size_category(rows: int) -> str:
    """Return the Hub's size category for a number of rows."""
    at = 0
    while at < len(SIZES) - 1 and rows >= 1_000 * 10**at:
        at += 1
    return SIZES[at]
