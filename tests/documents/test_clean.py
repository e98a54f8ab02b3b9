import html.parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.documents.clean import ATTRIBUTES, CLASSES, HREF, TAGS, clean

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>x</script>ipt>alert(1)</script>",
    "<SCRIPT SRC=//evil.nl/x.js></SCRIPT>",
    "<svg onload=alert(1)><p>tekst",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><img src onerror=alert(1)></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.nl'>x</a>",
    "<a href='/\\evil.nl'>x</a>",
    "<a href='https://evil.nl'>x</a>",
    "<a href='/x' target='_blank' onclick='alert(1)'>x</a>",
    "<meta http-equiv='refresh' content='0;url=//evil.nl'>",
    "<base href='//evil.nl/'>",
    "<link rel=stylesheet href=//evil.nl/x.css>",
    "<form action=//evil.nl><input name=q autofocus onfocus=alert(1)><button>Ga</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<img src=x onerror=alert(1)>",
    "<img src='data:image/svg+xml;base64,AAAA' alt='<script>alert(1)</script>'>",
    "<p style='background:url(//evil.nl)'>x</p>",
    "<style>p{background:url(//evil.nl)}</style>",
    "<!--><script>alert(1)</script>-->",
    "<!-- x --!><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<p id='inhoud' class='btn' name='x'>x</p>",
    "<h2 id='q'>x</h2>",
    "<div aria-label='x&quot; onmouseover=alert(1) y=&quot;'>x</div>",
    "<td onclick=alert(1)>los<p>en<p>open<table><tr><td>x",
    "<p <p <p onclick=alert(1)>x",
    "<" * 50 + "p>" + "</p" * 50,
    "<template><script>alert(1)</script></template>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
]


class Strict(html.parser.HTMLParser):
    """Fails on a tag or an attribute that a page may not hold."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS - {"img"}
        for name, value in attrs:
            assert value is not None
            if name == "class":
                assert set(value.split()) <= CLASSES[tag]
            elif name in ("colspan", "rowspan"):
                assert value.isdecimal()
            else:
                assert ATTRIBUTES[tag][name](value)
            if name == "href":
                assert HREF.fullmatch(value)
                assert not value.startswith("//")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def check(text: str) -> str:
    given_back = str(clean(text))
    reader = Strict()
    reader.feed(given_back)
    reader.close()
    return given_back


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_is_harmless(text: str) -> None:
    given_back = check(text)
    assert clean(given_back) == given_back
    for wrapped in (f"<div>{text}</div>", f"<table><tr><td>{text}", f"<svg>{text}", f"<p title='{text}", f"<ul>{text}"):
        check(wrapped)


PIECES = st.sampled_from(
    [*HOSTILE, "<p>", "</p>", "<div class=note>", "</div>", "<table>", "<svg>", "<math>", "<!--", "'"]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=6).map("".join))
def test_any_mixture_is_harmless(text: str) -> None:
    check(text)


@pytest.mark.parametrize("tag", ["script", "style"])
def test_what_is_in_a_script_or_style_goes_with_it(tag: str) -> None:
    assert clean(f"voor <{tag} x=1>binnen</{tag} >na") == "voor na"
    assert clean(f"voor <{tag.upper()}>binnen") == "voor "


def test_what_pages_need_stays() -> None:
    text = (
        '<h2 id="kop-a">A</h2><p class="bepaling"><span class="nummer">1.1</span> <strong>b</strong> <em>c</em></p>'
        '<ol><li value="3" id="tekst-footnote-1">d</li></ol><ul><li>e</li></ul>'
        '<div class="tablebox" tabindex="0" role="region" aria-label="Tabel: A"><table><thead><tr>'
        '<th scope="col">f</th></tr></thead><tbody><tr><th scope="row">g</th><td colspan="2" rowspan="3">h<br>i</td>'
        "</tr></tbody></table></div>"
        '<div class="note note--warn"><h3>j</h3></div><p><sup><a href="#tekst-footnote-1" id="tekst-r">[1]</a></sup>'
        '<a href="/documenten/ZC-01?stap=KAN-07&amp;als=x#kop-a">k</a> <s>l</s><sub>m</sub></p>'
    )
    assert clean(text) == text


@pytest.mark.parametrize(
    "href", ["/documenten/ZC-01", "#kop-a", "?als=x", "../ZC-02", "/op/2026-01-01/begrippen#x", ""]
)
def test_links_into_the_portal_stay(href: str) -> None:
    assert clean(f'<a href="{href}">x</a>') == f'<a href="{href}">x</a>'


def test_an_image_becomes_its_alternative_text() -> None:
    assert clean('<p>a <img src="/x.png" alt="Kaart &lt;1&gt; &amp; &quot;2&quot;"> b<img src="y"></p>') == (
        '<p>a Kaart &lt;1&gt; &amp; "2" b</p>'
    )


def test_words_stay_words() -> None:
    assert clean("1 < 2 &amp; 3 &gt; 2, 'café' &euro;") == "1 &lt; 2 &amp; 3 &gt; 2, 'café' &euro;"
