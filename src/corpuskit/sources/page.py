"""What a page says of itself: title, people, dates, licence, language, as candidates of origin `page`.

Each has the path that says so as evidence and a confidence by the kind of statement: structured data written for
machines before meta tags, meta tags before what a class name suggests. Choosing is not done here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from corpuskit.model import Candidate
from corpuskit.patterns import without_escapes
from corpuskit.sources.identity import site_of
from corpuskit.sources.json_ld import Article, Person, article
from corpuskit.sources.page_dates import SURE_DATE, moment, shown_dates, weighed_dates

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["OPT_OUTS", "page_fields", "page_url"]

_MAX_VALUE = 400
_TITLE_END = re.compile(r"\s[|–—·•»-]\s|\s?\|\s?")
#: "chuck-ross", "mcason@al.com", "105092": what a content system calls a user, not what the page prints.
_USER_NAME = re.compile(r"^(?:[a-z0-9]+(?:[-_.][a-z0-9]+)+|\S{1,80}@\S{1,80}|\d{1,20})$")
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s{1,1000}")
_WEB = re.compile(r"^(?:https?:)?//|^www\.|^/|\.(?:com|org|net)/", re.IGNORECASE)

#: Meta tags by lower-case name, property or itemprop: field and confidence.
_META: dict[str, tuple[str, float]] = {
    "og:title": ("title", 0.85),
    "twitter:title": ("title", 0.8),
    "parsely-title": ("title", 0.84),
    "sailthru.title": ("title", 0.86),
    "dc.title": ("title", 0.82),
    "dcterms.title": ("title", 0.82),
    "citation_title": ("title", 0.97),
    "hdl": ("title", 0.84),
    "title": ("title", 0.7),
    "author": ("author", 0.88),
    "article:author": ("author", 0.87),
    "article:author_name": ("author", 0.88),
    "og:article:author": ("author", 0.86),
    "parsely-author": ("author", 0.92),
    "sailthru.author": ("author", 0.89),
    "citation_author": ("author", 0.96),
    "dc.creator": ("author", 0.86),
    "dcterms.creator": ("author", 0.86),
    "dc.contributor": ("author", 0.5),
    "byl": ("author", 0.9),
    "cxenseparse:author": ("author", 0.88),
    "author_name": ("author", 0.85),
    "authors": ("author", 0.87),
    "article:published_time": ("date_published", 0.95),
    "og:article:published_time": ("date_published", 0.93),
    "og:published_time": ("date_published", 0.93),
    "datepublished": ("date_published", 0.92),
    "parsely-pub-date": ("date_published", 0.93),
    "sailthru.date": ("date_published", 0.88),
    "citation_publication_date": ("date_published", 0.9),
    "citation_date": ("date_published", 0.88),
    "cxenseparse:recs:publishtime": ("date_published", 0.9),
    "dc.date": ("date_published", 0.8),
    "dc.date.issued": ("date_published", 0.88),
    "dcterms.date": ("date_published", 0.8),
    "dcterms.created": ("date_published", 0.82),
    "date": ("date_published", 0.8),
    "pubdate": ("date_published", 0.86),
    "publishdate": ("date_published", 0.88),
    "publish-date": ("date_published", 0.88),
    "publish_date": ("date_published", 0.88),
    "pdate": ("date_published", 0.8),
    "ptime": ("date_published", 0.8),
    "article_date_original": ("date_published", 0.85),
    "article:modified_time": ("date_modified", 0.95),
    "og:updated_time": ("date_modified", 0.85),
    "datemodified": ("date_modified", 0.9),
    "last-modified": ("date_modified", 0.75),
    "lastmod": ("date_modified", 0.75),
    "dcterms.modified": ("date_modified", 0.85),
    "og:site_name": ("publisher", 0.9),
    "article:publisher": ("publisher", 0.6),
    "dc.publisher": ("publisher", 0.85),
    "citation_journal_title": ("publisher", 0.9),
    "application-name": ("publisher", 0.7),
    "og:locale": ("language", 0.7),
    "content-language": ("language", 0.8),
    "dc.language": ("language", 0.8),
    "dcterms.license": ("license", 0.95),
    "dcterms.rights": ("license", 0.7),
    "dc.rights": ("license", 0.7),
}
OPT_OUTS = {"noai": "noai", "noimageai": "noimageai", "noml": "noml"}

_NO_AUTHOR = re.compile(
    r"^(?:admin(?:istrator)?|editor|editors|author|unknown|anonymous|guest|staff|none|null|n/?a|undefined|webmaster"
    r"|root|user|test|redaktion|by|view author archive|get author rss feed|follow|\W*)$",
    re.IGNORECASE,
)
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?line|authors?|autor(?:e[ns]?|in)?|auteurs?|writer|contributors?)(?:$|[\s_-])"
)
_BYLINE_NAME = re.compile(r"(?:author|byline|contributor|writer|autor)[\w-]{0,30}(?:name|link)", re.IGNORECASE)
_ANOTHER_TEXT = re.compile(
    r"(?:^|[\s_-])(?:comments?|comment-\w{1,20}|related|recommend(?:ed|ations?)|promos?|teasers?|sidebar|footer|newsletter"
    r"|more|popular|trending|latest|carousel|captions?|recirc|river|rail|outbrain|taboola|most-\w{1,10})(?:$|[\s_-])",
    re.IGNORECASE,
)
#: A line of its own that begins so names the author, in the languages of the rules.
_BY = re.compile(
    r"^(?:by|written by|words by|story by|text by|reported by|posted by|von|text:|text von|par|por|texto:|di|door"
    r"|av|af|tekst:|autor(?:ka|in)?:|auteur ?:|autore:|oleh|yazan:|szerző:|автор:)\s{1,5}(?=\S)",
    re.IGNORECASE,
)
_AUTHOR_LINK = re.compile(
    r"/(?:authors?|autor(?:en?|es|in)?|auteurs?|autori|writers?|contributors?|reporters?|journalists?|columnists?|byline"
    r"|by|redakteure?|staff|profiles?)/[^/?#]{2,100}/?(?:[?#]|$)",
    re.IGNORECASE,
)
#: WordPress writes what it knows of a post into Twitter's label tags.
_WRITTEN_BY = re.compile(
    r"^(?:written by|author|verfasst von|geschrieben von|autor(?:e|in)?|escrito por|écrit par|scritto da|auteur"
    r"|geschreven door|skrevet av|skrivet av|napisane przez|escrit per)$",
    re.IGNORECASE,
)
_PEOPLE = ("author", "editor")
_REPEATED = 0.45  # below what metadata takes a candidate for
_AFTER_HEADING = 60  # elements between the heading and the byline, at most


def page_url(root: HtmlElement) -> str:
    """Return the page's own address: canonical link, else og:url, else ""."""
    for link in root.iter("link"):
        href = (link.get("href") or "").strip()
        if (link.get("rel") or "").lower() == "canonical" and href.lower().startswith(("http://", "https://")):
            return str(href)
    for meta in root.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() == "og:url":
            content = (meta.get("content") or "").strip()
            if content.lower().startswith(("http://", "https://")):
                return str(content)
    return ""


def page_fields(root: HtmlElement) -> tuple[Candidate, ...]:
    """Return every candidate of the parsed page `root`, without repeats, best kind of statement first.

    `root` loses its scripts and styles, whose text would else stand in what elements say.
    """
    metas = list(_metas(root))
    scripts = _scripts(root)
    for node in list(root.iter("script", "style", "noscript", "template", "svg")):
        node.drop_tree()
    title = next((value for name, value in metas if name == "og:title"), "")
    address = page_url(root)
    found = article(scripts, address, title)
    candidates: list[Candidate] = []
    if found:
        candidates.extend(_from_article(found))
    candidates.extend(_from_metas(metas))
    titles = [one.value for one in candidates if one.field == "title"]
    heading = _heading(root, titles)
    if heading is not None:
        candidates.extend(_candidate("title", heading.text_content(), "h1", "page.h1", 0.95))
        candidates.extend(_below_heading(heading))
    candidates.extend(_from_elements(root))
    sites = _site_names(candidates, address)
    kept: dict[tuple[str, str, str], Candidate] = {}
    for candidate in candidates:
        candidate = _weighed(candidate, sites)
        kept.setdefault((candidate.field, candidate.value, candidate.rule), candidate)
    fields = weighed_dates(list(_surest(list(kept.values()))))
    if not any(one.field == "date_published" and one.confidence >= SURE_DATE for one in fields):
        fields.extend(shown_dates(root, heading))
    return tuple(sorted(fields, key=lambda one: (one.field, -one.confidence)))


def _surest(candidates: list[Candidate]) -> Iterator[Candidate]:
    """Cap the confidence of people whom a weaker kind of statement names than the best of the page.

    The kinds repeat each other in other words ("By Ada Quill, Staff" beside "Ada Quill"), and taken together they
    give every author twice and the authors of teasers once.
    """
    best: dict[str, Candidate] = {}
    for one in candidates:
        if one.field in _PEOPLE and (one.field not in best or one.confidence > best[one.field].confidence):
            best[one.field] = one
    for one in candidates:
        weaker = one.field in best and one.rule != best[one.field].rule
        yield replace(one, confidence=min(one.confidence, _REPEATED)) if weaker else one


def _site_names(candidates: list[Candidate], address: str) -> frozenset[str]:
    """Return the names that the site goes by, folded: publisher and site name, host with and without its ending."""
    host = site_of(address)
    names = [one.value for one in candidates if one.field == "publisher"]
    names += [host, host.split(".")[0], ".".join(host.split(".")[:-1])] if host else []
    return frozenset(folded for name in names if (folded := _folded(name)))


def _folded(name: str) -> str:
    return "".join(_WORD.findall(name.casefold())).removeprefix("the")


def _weighed(candidate: Candidate, sites: frozenset[str]) -> Candidate:
    """Take the site's name off a title's end; trust an author who is the site, or a user name, less."""
    if candidate.field == "title":
        parts = _TITLE_END.split(candidate.value)
        if len(parts) > 1 and _folded(parts[-1]) in sites:
            end = candidate.value.rindex(parts[-1])
            return replace(candidate, value=candidate.value[:end].rstrip(" |–—·-:•»"))
    doubtful = _folded(candidate.value) in sites or _USER_NAME.match(candidate.value)
    if candidate.field == "author" and candidate.confidence > 0.5 and doubtful:
        return replace(candidate, rule=f"{candidate.rule}-site", confidence=0.5)
    return candidate


def _tidy(value: str | None) -> str:
    """Return `value` on one line, entities decoded once more (sites escape them twice), or "" when it is too long."""
    text = _SPACE.sub(" ", without_escapes(unescape(value or "").replace("\x00", ""))).strip()
    return text if len(text) <= _MAX_VALUE else ""


def _candidate(field: str, value: str, path: str, rule: str, confidence: float) -> Iterator[Candidate]:
    value = _tidy(value)
    if not value or (field in ("author", "editor") and (_NO_AUTHOR.match(value) or _WEB.search(value))):
        return
    if field in ("date_published", "date_modified"):
        value, confidence = moment(value, confidence)
    yield Candidate(field, value, "page", path, rule, confidence=round(confidence, 3))


def _scripts(root: HtmlElement) -> list[str]:
    scripts = (node for node in root.iter("script") if "ld+json" in (node.get("type") or "").lower())
    return [node.text_content() for _, node in zip(range(100), scripts, strict=False)]


def _from_article(found: Article) -> Iterator[Candidate]:
    path = "JSON-LD"
    trust = 0.12 if found.weak else 0.0  # a WebPage node may describe the site
    yield from _candidate("title", found.headline, f"{path} headline", "page.json-ld", 0.9 - trust)
    yield from _named("author", found.authors, path, 0.97 - trust)
    yield from _named("editor", found.editors, path, 0.95 - trust)
    yield from _candidate("date_published", found.published, f"{path} datePublished", "page.json-ld", 0.97 - trust)
    yield from _candidate("date_modified", found.modified, f"{path} dateModified", "page.json-ld", 0.97 - trust)
    yield from _candidate("publisher", found.publisher, f"{path} publisher", "page.json-ld", 0.92 - trust)
    yield from _candidate("language", found.language, f"{path} inLanguage", "page.json-ld", 0.85 - trust)
    yield from _candidate("license", found.license, f"{path} license", "page.json-ld", 0.95 - trust)


def _named(field: str, people: Iterable[Person], path: str, confidence: float) -> Iterator[Candidate]:
    """Yield people; organisations only weakly, since sites name themselves where the author is unknown."""
    for person in people:
        rule = "page.json-ld-organisation" if person.organisation else "page.json-ld"
        less = 0.4 if person.organisation else 0.0
        yield from _candidate(field, person.name, f"{path} {field}", rule, confidence - less)


def _metas(root: HtmlElement) -> Iterator[tuple[str, str]]:
    for number, meta in enumerate(root.iter("meta")):
        if number > 2000:
            return
        content = meta.get("content") or meta.get("value")
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        if name and content:
            yield name.strip().lower(), content


def _from_metas(metas: list[tuple[str, str]]) -> Iterator[Candidate]:
    for name, content in metas:
        if name.startswith("twitter:label") and _WRITTEN_BY.match(_tidy(content)):
            value = next((value for other, value in metas if other == f"twitter:data{name[13:]}"), "")
            yield from _candidate("author", value, f"meta twitter:data{name[13:]}", "page.meta.twitter-label", 0.9)
        elif name in _META:
            field, confidence = _META[name]
            yield from _candidate(field, content, f"meta {name}", f"page.meta.{name}", confidence)
        elif name in ("robots", "googlebot") or name == "tdm-reservation":
            for word in re.split(r"[,\s]{1,20}", content.lower())[:50]:
                if name == "tdm-reservation" and word == "1":
                    yield from _candidate("opt_out", "tdm-reservation", "meta tdm-reservation", "page.meta.tdm", 1.0)
                elif word in OPT_OUTS:
                    yield from _candidate("opt_out", OPT_OUTS[word], f"meta {name}: {word}", "page.meta.robots", 1.0)


def _from_elements(root: HtmlElement) -> Iterator[Candidate]:
    language = root.get("lang") or root.get("xml:lang") or ""
    yield from _candidate("language", language, "html lang", "page.html-lang", 0.75)
    head = root.find(".//title")
    if head is not None:
        yield from _candidate("title", head.text_content(), "title", "page.title", 0.6)
    for node in root.iter("a", "link", "time"):
        yield from _from_link_or_time(node)
    yield from _author_elements(root)


def _heading(root: HtmlElement, titles: Sequence[str]) -> HtmlElement | None:
    """Return the page's heading: the h1 that shares most words with what the page calls itself, or the only one."""
    headings = [node for _, node in zip(range(20), root.iter("h1"), strict=False) if _tidy(node.text_content())]
    wanted = {word for title in titles for word in _WORD.findall(title.casefold())}
    best, most = None, 0.0
    for node in headings:
        words = set(_WORD.findall(_tidy(node.text_content()).casefold()))
        share = len(words & wanted) / len(words) if words else 0.0
        if share > most:
            best, most = node, share
    if most >= 0.5:
        return best
    return headings[0] if len(headings) == 1 and not titles else None


def _below_heading(heading: HtmlElement) -> Iterator[Candidate]:
    """Yield bylines that stand as a line of their own shortly after the heading: "By Ada Quill"."""
    following = heading.xpath("following::*[position() <= $most]", most=_AFTER_HEADING)
    for node in following:
        if node.tag in ("script", "style", "h1", "h2") or not isinstance(node.tag, str):
            continue
        text = _tidy(node.text_content())
        if len(text) <= 160 and (match := _BY.match(text)):
            yield from _candidate("author", text[match.end() :], f"{node.tag} after h1: {text[:60]}", "page.by", 0.72)
            return


def _from_link_or_time(node: HtmlElement) -> Iterator[Candidate]:
    if node.tag != "time":
        if "license" in (node.get("rel") or "").lower().split() and (href := node.get("href")):
            yield from _candidate("license", href, f"{node.tag} rel=license", "page.rel-license", 0.95)
        return
    prop = (node.get("itemprop") or "").lower().split()
    moment = node.get("datetime") or ""
    if "datepublished" in prop or node.get("pubdate") is not None:
        yield from _candidate("date_published", moment, "time itemprop=datePublished", "page.microdata", 0.9)
    elif "datemodified" in prop:
        yield from _candidate("date_modified", moment, "time itemprop=dateModified", "page.microdata", 0.9)
    elif moment and not _elsewhere(node):
        yield from _candidate("date_published", moment, "time datetime", "page.time", 0.6)


def _author_elements(root: HtmlElement) -> Iterator[Candidate]:
    """Yield what stands in elements marked as the author's, by rule: the first one and those right beside it.

    The same marks come again in the teasers of other articles further down.
    """
    beside: dict[str, set[HtmlElement]] = {}
    for node in root.iter("a", "address", "span", "div", "p", "li", "strong", "em", "section", "meta", "h3", "h4"):
        marked = _author_mark(node)
        if not marked:
            continue
        rule, value, path, confidence = marked
        around = [outer for _, outer in zip(range(3), node.iterancestors(), strict=False)]
        around = [outer for outer in around if outer.tag not in ("body", "main", "html", "article")]
        if rule in beside and not beside[rule].intersection(around):
            continue
        found = list(_candidate("author", value, path, f"page.{rule}", confidence))
        if found and not _elsewhere(node):
            beside.setdefault(rule, set()).update(around)
            yield from found


def _author_mark(node: HtmlElement) -> tuple[str, str, str, float] | None:
    """Return rule, value, path and confidence where an element is marked as naming the author."""
    prop = (node.get("itemprop") or "").lower().split()
    if "author" in prop:
        inner = next((one for one in node.iter() if "name" in (one.get("itemprop") or "").split()), node)
        return "microdata", inner.get("content") or inner.text_content(), f"{node.tag} itemprop=author", 0.9
    if node.tag == "meta":
        return None
    classes = node.get("class") or ""
    if node.tag == "a" and "author" in (node.get("rel") or "").lower().split():
        return "rel-author", node.text_content(), "a rel=author", 0.86
    if classes and _BYLINE_NAME.search(classes):
        return "author-name", node.text_content(), f"{node.tag} class={classes[:60]}", 0.8
    if node.tag == "a" and _AUTHOR_LINK.search(node.get("href") or ""):
        return "author-link", node.text_content(), f"a href={(node.get('href') or '')[:60]}", 0.76
    if classes and _BYLINE_CLASS.search(classes.lower()):
        return "byline", node.text_content(), f"{node.tag} class={classes[:60]}", 0.75
    return None


def _elsewhere(node: HtmlElement) -> bool:
    """Say whether the element stands in comments, teasers, a sidebar or a footer, by the names around it."""
    for number, outer in enumerate(node.iterancestors()):
        if number > 30 or outer.tag in ("body", "main"):
            return False
        if outer.tag in ("aside", "footer", "nav"):
            return True
        if number < 6 and _ANOTHER_TEXT.search(f"{outer.get('class') or ''} {outer.get('id') or ''}"):
            return True
    return False
