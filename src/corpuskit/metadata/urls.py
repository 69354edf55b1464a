"""Addresses in one canonical form, and the site an address belongs to."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

__all__ = ["canonical", "site"]

#: Parameters that say how a reader came, not what is read.
_TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "msclkid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "ref",
        "ref_src",
        "ref_url",
        "referrer",
        "cmpid",
        "cmp",
        "ito",
        "icid",
        "ncid",
        "ocid",
        "wt_mc",
        "wt.mc",
        "wtmc",
        "xtor",
        "at_medium",
        "at_campaign",
        "spm",
        "share",
        "smid",
        "smtyp",
        "sr_share",
        "taid",
        "amp",
        "outputtype",
        "feature",
        "si",
    ]
)
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "ac", "gov", "edu", "gob", "gouv", "or", "ne", "go"])


#: An address that is canonical but for the path of a bare host; most are.
_PLAIN = re.compile(r"https?://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?P<path>/[A-Za-z0-9/._~-]*)?")


@lru_cache(maxsize=256)  # asked for the address and for its site
def canonical(url: str) -> str | None:
    """Return `url` in canonical form, or None where it is no http(s) address.

    Scheme and host in lower case, no default port, no user, no fragment, no tracking parameters (`utm_*` and
    others that name the reader's way), the other parameters sorted, percent-encoding normalised (RFC 3986,
    6.2.2).
    """
    if plain := _PLAIN.fullmatch(url):
        return url if plain["path"] else f"{url}/"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "." not in host or any(c.isspace() for c in host):
        return None
    scheme = parts.scheme.lower()
    if port and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    path = quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._") if "%2f" not in parts.path.lower() else parts.path
    pairs = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith(("utm_", "pk_", "mtm_", "hsa_")) and key.lower() not in _TRACKING
    ]
    return urlunsplit((scheme, host, path or "/", urlencode(sorted(pairs)), ""))


def site(url: str) -> str | None:
    """Return the host of `url` without "www." and the like, or None: a site's name when no better is known."""
    plain = canonical(url if "://" in url else f"https://{url}")
    if plain is None:
        return None
    match = _PLAIN.fullmatch(plain)
    host = match["host"] if match else urlsplit(plain).hostname or ""
    host = host.removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    return host or None
