"""Item texts: plain prose reads as it was written; what is marked up is shown; nothing executes (P42)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.content import escape, pictures_in, plain, problems, render

SHA = "a1" * 32
HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://example.invalid/p.png)",
    f'!["><script>alert(1)</script>](picture:{SHA})',
    f"![x](picture:{SHA}?a=b)",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "**<b onclick=alert(1)>x</b>**",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{background:url(//example.invalid)}{x}$",
    r"$\class{a}{b}$",
    r"$\unicode{60}script\unicode{62}$",
    r"$\text{&lt;script&gt;}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    r"$$\begin{matrix}<script>&alert(1)\end{matrix}$$",
    r"$\color{red;background:url(x)}{x}$",
    r"$\hspace{99999em}x$",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "| <script>alert(1)</script> | b |\n| --- | --- |\n| <iframe src=//x> | $x$ |",
    "&lt;script&gt;&#60;script&#62;",
    "{{7*7}} #eval(1) =cmd|'/c calc'!A0",
]
OLD_TEXTS = [
    "1*2*3",
    "2**3**4",
    "a_b_c __init__",
    "（  ）",
    "____",
    "****",
    "* * *",
    '<html class="cool"> & images &nbsp;',
    "# 1",
    "- x\n+ y\n> z",
    "1. 中共\n2. 中国",
    "    四个空格\n　　两个全角空格",
    "题干\n\n\n第二段 \n---\n===",
    r"C:\new\table \\server\x",
    "价格为$5，另一种为$6。",
    "$HOME:$PATH US$5-US$6 $",
    "a|b\n-|-\nc|d",
    "|x|",
    "`code` ~~删~~ [链接](http://example.invalid) http://example.invalid",
    "![图](picture:abc)",
]
ELEMENT = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)([^>]*)>")
HARMLESS = {"p", "br", "strong", "img", "code", "span", "table", "thead", "tbody", "tr", "th", "td", "math"}


def shown(markdown: str) -> str:
    return render(markdown, picture=lambda sha256: f"/pictures/{sha256}")


def assert_inert(html: str) -> None:
    """Only elements of the list, and of attributes none that loads or runs anything but a picture of this host."""
    for name, attributes in ELEMENT.findall(html):
        assert name in HARMLESS or name.startswith("m"), html
        assert not re.search(r"\b(on\w+|style|href|srcdoc|action)\s*=", attributes), html
        source = re.search(r'src="([^"]*)"', attributes)
        assert source is None or source[1] == f"/pictures/{SHA}", html
    assert html.count("<") == len(ELEMENT.findall(html))


@pytest.mark.parametrize("text", OLD_TEXTS)
def test_old_texts_read_as_they_were_written(text):
    html = shown(text)
    assert set(ELEMENT.findall(html)) <= {("p", ""), ("br", "")}
    assert plain(text) == text == escape(text)
    assert problems(text) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_and_do_nothing(text):  # P42
    assert_inert(shown(text))
    assert_inert(shown(escape(text)))
    assert plain(escape(text)) == text


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="*$|!\\-:_ \n\r\u3000a1x甲，[](){}<>&^" + "\u00e9", max_size=60))
def test_any_words_survive_escaping_and_any_text_is_inert(words):
    read = words.replace("\r\n", "\n").replace("\r", "\n")
    assert plain(escape(words)) == read
    assert_inert(shown(words))
    assert escape(plain(escape(words))) == escape(words)


@pytest.mark.parametrize(
    ("text", "html", "words"),
    [
        ("**重点**内容，“**甲**”", "<strong>重点</strong>内容，“<strong>甲</strong>”", "重点内容，“甲”"),
        ("行一\n行二", "行一<br>行二", "行一\n行二"),
        ("段一\n\n段二", "<p>段一</p><p>段二</p>", "段一\n\n段二"),
        (r"\**甲\** \$1\$ 2$", "**甲** $1$ 2$", "**甲** $1$ 2$"),
        (f"见![党徽](picture:{SHA})", f'见<img src="/pictures/{SHA}" alt="党徽">', "见［图：党徽］"),
        (
            "表：\n| 甲 | 乙 |\n|:---|---:|\n| 1 \\| 2 | **3** | 4 |\n| 5 |\n后",
            (
                '<p>表：</p><table><thead><tr><th align="left">甲</th><th align="right">乙</th></tr></thead><tbody>'
                '<tr><td align="left">1 | 2</td><td align="right"><strong>3</strong></td></tr>'
                '<tr><td align="left">5</td><td align="right"></td></tr></tbody></table><p>后</p>'
            ),
            "表：\n甲 | 乙\n1 | 2 | 3\n5 | \n后",
        ),
    ],
)
def test_what_is_marked_up_is_shown(text, html, words):
    assert shown(text) == html
    assert plain(text) == words


def test_a_formula_becomes_mathml_and_says_when_it_cannot_be_read():
    html = shown(r"解：$\frac{a}{b}$和$$\sum_{i=1}^n x_i \ge \text{平均数}$$")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mfrac>' in html
    assert 'display="block"' in html
    assert "<mtext>平均数</mtext>" in html
    assert [problem.code for problem in problems(r"$x^2$")] == []
    for bad in (
        r"$\unknown x$",
        r"$\frac{a}$",
        "${$",
        "$x^$",
        "$a_b_c$",
        "$" + "{" * 300 + "$",
        "$" + "x" * 3000 + "$",
    ):
        assert [problem.code for problem in problems(bad)] == ["content.formula_unreadable"], bad
        assert '<code class="unread">' in shown(bad)


def test_a_picture_needs_words_and_an_address():
    assert [problem.code for problem in problems(f"![ ](picture:{SHA})")] == ["content.picture_undescribed"]
    assert problems(f"![党徽](picture:{SHA})") == []
    assert [use.sha256 for use in pictures_in(f"**![甲](picture:{SHA})** ![乙](picture:{'0' * 64})")] == [SHA, "0" * 64]
    assert render(f"![<i>](picture:{SHA})", picture=lambda _: None) == '<span class="picture">［图：&lt;i&gt;］</span>'
    for foreign in ("//example.invalid/x", "https://example.invalid/x", "data:image/png;base64,AA", "javascript:x"):
        assert "src" not in render(f"![甲](picture:{SHA})", picture=lambda _, address=foreign: address), foreign


@pytest.mark.parametrize("piece", ["**a", "**甲**", "$x", "![a](", "\\*", "|a", "$$", "\\\\", "{", "|--- "])
def test_long_texts_take_no_longer_than_their_length_asks(piece):  # P43
    shown(piece * (10_000 // len(piece)))
    shown("| a " * 3000 + "|\n" + "|---" * 30 + "|")
