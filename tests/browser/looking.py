"""What is wrong with a page as a person meets it: axe, headings, console, other hosts, width, keyboard focus."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from lxml import html
from playwright.sync_api import APIResponse, BrowserContext, ConsoleMessage, Page, Request

WIDE, NARROW, SMALLEST, HEIGHT = 1280, 390, 320, 900
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
UNFOLD = "open => document.querySelectorAll('details').forEach(e => { e.dataset.was ??= e.open; e.open = open; })"
AS_IT_WAS = "() => document.querySelectorAll('details').forEach(e => { e.open = e.dataset.was === 'true'; })"
HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(
    e => [Number(e.tagName[1]), e.checkVisibility(), e.closest("main article") !== null])"""
SAME_FOR_ALL = """() => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll(".account, .who, .voor-enkelen, [name=csrf_token]").forEach(e => e.remove());
    return copy.outerHTML.replaceAll(location.origin, "").replace(/\\s+/g, " ");
}"""
OWN = " | ".join(f"//*[contains(concat(' ', @class, ' '), ' {name} ')]" for name in ("account", "who", "voor-enkelen"))
"""The same in HTML as it comes from the server."""
GOES_TO = re.compile(r' (?:action|href|value)="[^"]*"')
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FAILED_PAGE = "Failed to load resource: the server responded with a status of"

# Before walking: notes every focus stop and how it looks without focus. Each Tab then first judges the stop it leaves:
# by that time the browser has scrolled and painted it.
WATCH_FOCUS = """() => {
    const NATIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const TABBABLE = `${NATIVE}, [tabindex]:not([tabindex^="-"])`;
    const PAINT = ["backgroundColor", "boxShadow", "color", "fill", "stroke", "strokeWidth", "textDecorationLine"];
    const outline = s => s.outlineStyle === "none" || s.outlineWidth === "0px" ? "" :
        [s.outlineStyle, s.outlineWidth, s.outlineColor].join();
    const border = s => ["Top", "Right", "Bottom", "Left"].map(
        side => s[`border${side}Style`] + s[`border${side}Width`] + s[`border${side}Color`]).join();
    const look = e => [e, ...(e.ownerSVGElement ? e.querySelectorAll("*") : [])].map(part => {
        const s = getComputedStyle(part);
        return [outline(s), border(s), ...PAINT.map(name => s[name])].join("|");
    }).join();
    const name = e => (e.outerHTML.match(/^<[^>]*>/) || [""])[0].slice(0, 120) + e.textContent.trim().slice(0, 40);
    // of radio buttons with one name Tab stops at the one that is chosen, or else at the first
    const group = e => [...document.getElementsByName(e.name)];
    const inGroup = e => e.type !== "radio" || e === (group(e).find(other => other.checked) || group(e)[0]);
    // a toolbar has one stop; arrows go on from there
    const stops = [...document.querySelectorAll(TABBABLE)].filter(e =>
        !e.disabled && inGroup(e) && !e.matches("[role=toolbar] [tabindex^='-']") &&
        e.checkVisibility({visibilityProperty: true}));
    const plain = new Map([...document.querySelectorAll("*")].map(e => [e, look(e)]));
    const seen = new Map();
    const hit = e => [...e.getClientRects()].some(r => {
        const left = Math.max(r.left, 0), right = Math.min(r.right, innerWidth);
        const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, innerHeight);
        const shares = [0.5, 0.1, 0.3, 0.7, 0.9];
        return left < right && top < bottom && shares.some(x => shares.some(y => {
            const found = document.elementFromPoint(left + x * (right - left), top + y * (bottom - top));
            return found && e.contains(found);
        }));
    });
    const judge = () => {
        const e = document.activeElement;
        if (!e || e === document.body || seen.has(e)) return;
        const faults = [];
        if (!hit(e)) faults.push("cannot be seen");
        if (look(e) === plain.get(e)) faults.push("looks the same with focus");
        seen.set(e, faults);
    };
    addEventListener("keydown", judge, true);
    window.focusReport = () => {
        judge();
        const faults = [...seen].flatMap(([e, found]) => found.map(fault => `${fault}: ${name(e)}`));
        faults.push(...stops.filter(e => !seen.has(e)).map(e => `never gets focus: ${name(e)}`));
        const walked = [...seen.keys()].filter(e => stops.includes(e));
        if (!faults.length && walked.some((e, n) => e !== stops[n])) faults.push("focus does not follow the page");
        return faults;
    };
    return stops.length;
}"""


class Ears:
    """What a page said and asked for while it was open."""

    def __init__(self, page: Page, base_url: str) -> None:
        """Listen from now on."""
        self.faults: list[str] = []
        self._host = urlsplit(base_url).netloc
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._host:
            self.faults.append(f"request elsewhere: {request.url}")

    def heard(self, page: Page) -> list[str]:
        """Return all faults up to now and forget them; a page with an error status may say so about itself."""
        told = page.evaluate("window.cspViolations")
        faults, self.faults = self.faults + [f"CSP: {violation}" for violation in told], []
        return [fault for fault in faults if not (FAILED_PAGE in fault and fault.endswith(f"({page.url})"))]


class Judged:
    """Pages that were judged before, apart from who is signed in; the processes of one run share what they know."""

    def __init__(self, folder: Path) -> None:
        """Remember them as files in a folder."""
        self._folder = folder

    def is_new(self, page: Page) -> bool:
        """Tell whether nobody judged this page before, and note that somebody does now."""
        return self._is_first(str(page.evaluate(SAME_FOR_ALL)))

    def is_new_answer(self, answer: APIResponse) -> bool:
        """Tell whether a page need be opened: whether its HTML is new, or what it says of who is signed in.

        The one is judged with the other of another page then: they stand above each other, so that neither can make
        the other too wide. What a page says of who is signed in is compared without where its links and forms go.
        """
        page = html.document_fromstring(answer.text())
        own = page.xpath(OWN)
        for token in page.xpath("//*[@name='csrf_token']"):
            token.drop_tree()
        for part in own:
            part.drop_tree()
        header = answer.headers.get("content-security-policy", "")
        rest = " ".join(f"{answer.status} {header} {_source(page)}".replace(origin_of(answer.url), "").split())
        parts = " ".join(GOES_TO.sub("", "".join(map(_source, own))).split())
        return any([self._is_first(f"page {rest}"), self._is_first(f"own {parts}")])  # notes both

    def _is_first(self, what: str) -> bool:
        try:
            (self._folder / hashlib.sha256(what.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def _source(element: html.HtmlElement) -> str:
    return str(html.tostring(element, encoding="unicode", with_tail=False))


def origin_of(url: str) -> str:
    """Return the scheme, host and port of an address."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def look_at(page: Page, judged: Judged | None = None) -> list[str]:
    """Return what is wrong with the page that is open, at all widths; folded wide, unfolded narrow.

    Of a page that was ``judged`` before, the width only: that is all the name of who is signed in can change. Axe takes
    most of the time, and half of that are the colours: once, unfolded, where most can be seen.
    """
    faults = []
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    if judged is None or judged.is_new(page):
        page.evaluate(AXE_SCRIPT)
        faults += [f"{WIDE}: {fault}" for fault in headings(page) + axe(page, colours=False)]
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        page.evaluate(UNFOLD, True)
        faults += [f"{NARROW}: {fault}" for fault in headings(page) + axe(page)]
    page.set_viewport_size({"width": SMALLEST, "height": HEIGHT})
    for unfolded in (True, False):
        page.evaluate(UNFOLD, unfolded)
        if over := page.evaluate(OVERFLOW):
            faults.append(f"{SMALLEST}: {over} px too wide, {'un' if unfolded else ''}folded")
    page.evaluate(AS_IT_WAS)
    return faults


def axe(page: Page, *, colours: bool = True) -> list[str]:
    """Return the violations axe finds; the page must hold its script."""
    options = AXE_OPTIONS | {"rules": {"color-contrast": {"enabled": colours}}}
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({json.dumps(options)}).then(all => all.violations)")
    return [f"axe {v['id']} ({len(v['nodes'])}): {v['nodes'][0]['html'][:160]}" for v in found]


def headings(page: Page) -> list[str]:
    """Return what is wrong with the headings, both as shown and with everything unfolded."""
    found: list[tuple[int, bool, bool]] = page.evaluate(HEADINGS)
    faults = []
    for kind, levels in (
        ("all", [level for level, _shown, _text in found]),
        ("shown", [level for level, shown, _text in found if shown]),
    ):
        if levels.count(1) != 1:
            faults.append(f"{levels.count(1)} h1 ({kind})")
        if any(after > before + 1 for before, after in zip([1, *levels], levels, strict=False)):
            faults.append(f"headings skip a level ({kind}): {levels}")
    text = [level for level, _shown, inside in found if inside]
    if text and (text[0] != 2 or min(text) < 2):
        faults.append(f"the text of the document does not start at h2: {text}")
    return faults


def walk_by_keyboard(page: Page) -> list[str]:
    """Return what is wrong with walking the whole page with the Tab key, from top to bottom."""
    stops: int = page.evaluate(WATCH_FOCUS)
    for _ in range(stops + 2):
        page.keyboard.press("Tab")
    faults: list[str] = page.evaluate("focusReport()")
    return faults if stops else ["nothing takes focus"]


def words_in_main(page: Page) -> list[str]:
    """Return the words a reader sees in main."""
    return page.locator("main").inner_text().split()


def open_page(context: BrowserContext, base_url: str) -> tuple[Page, Ears]:
    """Return a new page and what listens to it."""
    page = context.new_page()
    return page, Ears(page, base_url)
