"""Making HTML safe: the only place where the portal uses bleach, so that another cleaner can replace it."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import Any

from bleach.sanitizer import Cleaner
from markupsafe import Markup

HEADINGS = ("h2", "h3", "h4", "h5", "h6")
TABLE = ("table", "thead", "tbody", "tr", "th", "td")
TAGS = frozenset(
    ("p", "ul", "ol", "li", "strong", "em", "a", "span", "div", "sup", "sub", "s", "br", "img", *HEADINGS, *TABLE)
)

CLASSES = {"span": {"invulveld", "nummer"}, "div": {"tablebox", "note", "note--warn"}, "p": {"bepaling"}}
ID = re.compile(r"(?:kop|tekst)-[A-Za-z0-9_.-]+")
"""Ids in a text begin with a word of their own, so that they never meet an id of the page around the text."""
HREF = re.compile(r"(?![/\\]{2})[A-Za-z0-9_.~%/?#&=+,!()-]*")
"""A place in the portal: no colon and no backslash, so no scheme and no other host can be named."""
SMALL_NUMBER = re.compile(r"[1-9][0-9]{0,2}")

WITH_CONTENT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
"""What bleach would leave behind as words. Only for readers: what this leaves in, bleach still makes safe."""

ATTRIBUTES: dict[str, dict[str, Callable[[str], object]]] = {
    "a": {"href": HREF.fullmatch, "id": ID.fullmatch},
    "li": {"value": SMALL_NUMBER.fullmatch, "id": ID.fullmatch},
    "th": {"scope": {"col", "row"}.__contains__},
    "div": {"tabindex": "0".__eq__, "role": "region".__eq__, "aria-label": bool},
    "img": {"alt": bool},
    **{tag: {"id": ID.fullmatch} for tag in HEADINGS},
}


@lru_cache(maxsize=200)
def clean(html: str) -> Markup:
    """Return HTML that a page may show: the tags and attributes named above, everything else as its words.

    Scripts and styles go with what is in them, images become their alternative text, links lead into the portal only.
    A page of text takes some 40 ms, so the last ones are kept: all of the HTML is the key, so nothing shows too long.
    """
    filters: list[Any] = [_no_images]  # a generator serves as well as the class that bleach names in its types
    cleaner = Cleaner(
        tags=TAGS,
        attributes=_allowed,
        protocols=("http", "https"),  # what bleach wants to hear to let links without a scheme pass; see HREF
        strip=True,
        strip_comments=True,
        filters=filters,
    )
    return Markup(cleaner.clean(WITH_CONTENT.sub("", html)))  # noqa: S704 - this is what makes it safe


def _allowed(tag: str, name: str, value: str) -> bool:
    value = unescape(value)
    if name == "class":
        return set(value.split()) <= CLASSES.get(tag, set())
    if tag in ("td", "th") and name in ("colspan", "rowspan"):
        return bool(SMALL_NUMBER.fullmatch(value))
    allows = ATTRIBUTES.get(tag, {}).get(name)
    return allows is not None and bool(allows(value))


def _no_images(source: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Put the alternative text in the place of every image."""
    for token in source:
        if token.get("name") != "img":
            yield token
        elif alternative := token["data"].get((None, "alt")):
            yield {"type": "Characters", "data": unescape(alternative)}
