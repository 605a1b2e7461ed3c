"""HTML from elsewhere as item texts: what reads the same, what is told to be lost, what never comes in (P42)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.content import from_html, from_markdown, plain, render

SHA = "0f" * 32


def converted(html: str, sources: dict[str, str] | None = None):
    return from_html(html, picture=(sources or {}).get)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>题干<b>重点</b>和<script>x</script></p><p>第二&nbsp;段<br>行</p>", "题干**重点**和\n\n第二 段\n行"),
        ("<ul><li>甲<li>乙</ul><ol><li><p>丙</p><li>丁</ol>", "• 甲\n• 乙\n\n1. 丙\n2. 丁"),
        ("<table><tr><th>甲<th>乙<tr><td>c|d<td>$5$</table>", "| 甲 | 乙 |\n| --- | --- |\n| c\\|d | \\$5\\$ |"),
        ("x<sup>2</sup>与H<sub>2</sub>O、a<sub>ij</sub>", "x²与H₂O、$a_{ij}$"),
        (r"由\(a+b\)得\[c\]与$$d$$，花$5$", r"由$a+b$得$$c$$与$$d$$，花\$5\$"),
        ("n\\(a\\)n", "n $a$ n"),
        ('<div><div>甲</div></div>乙<p style="margin:0">&nbsp;</p>', "甲\n乙"),
        (
            (
                '<p class="MsoNormal"><span style="mso-list:Ignore">1.<span>&nbsp;&nbsp;</span></span>'
                '<span style="font-weight:bold">甲<o:p></o:p></span></p><!--[if gte mso 9]><xml>x</xml><![endif]-->'
            ),
            "1. **甲**",
        ),
        ('<b style="font-weight:normal">甲<span style="font-weight:700">乙 </span>丙</b>', "甲**乙** 丙"),
        ("**甲** 1*2*3 <i>斜</i>", r"\*\*甲\*\* 1\*2\*3 **斜**"),
        ("<table><tr><td>一格</td></tr></table>", "一格"),
        ("", ""),
        ("<![CDATA[", ""),
        ("<p>未闭合<b>甲", "未闭合**甲**"),
        ("a\x00b\ud800c", "abc"),
    ],
)
def test_html_reads_the_same(html, text):
    assert converted(html).text == text
    assert converted(html).lost == ()


@pytest.mark.parametrize(
    ("html", "text", "lost"),
    [
        ('<img src="q.png" alt="[图]">', "［图：［图］］", "图片未能带入"),
        ('<a href="javascript:alert(1)">甲</a>', "甲", "链接只保留了文字"),
        ("甲<iframe src=//example.invalid>x</iframe>", "甲", "音视频或嵌入内容未带入"),
        ("<math><mi>x</mi></math>", "x", "公式只保留了文字"),
        ("<b>key</b>word", "keyword", "部分加粗未能保留"),
        ("<table><tr><td colspan=2>甲<tr><td>乙<td>丙</table>", "| 甲 |  |\n| --- | --- |\n| 乙 | 丙 |", "合并单元格"),
        ("<table><tr>" + "<td>x" * 40 + "<tr></table>", "\n".join("x" * 40), "过宽或嵌套"),
    ],
)
def test_what_cannot_be_kept_is_told(html, text, lost):
    assert converted(html).text == text
    assert [sentence.zh for sentence in converted(html).lost if lost in sentence.zh], converted(html)


def test_pictures_and_mathml_with_its_source_come_along():
    made = converted('<p><img src="@@PLUGINFILE@@/q.png" alt="党 徽"></p>', {"@@PLUGINFILE@@/q.png": SHA})
    assert (made.text, made.lost) == (f"![党 徽](picture:{SHA})", ())
    annotated = (
        '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">\\bar{x}</annotation></semantics></math>'
    )
    assert converted(annotated).text == r"$\bar{x}$"
    common = from_markdown("# 题\n\n- 甲\n- *乙*\n\n<script>x</script> $y$", picture=lambda _: None)
    assert common.text == "**题**\n\n• 甲\n• **乙**\n\n<script>x</script> \\$y\\$"


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>&;/=\"'ab*$|!\\pbtrdhimgsc 甲\n", max_size=120))
def test_any_html_becomes_some_text_and_pages_read_back(html):
    text = converted(html).text
    again = converted(render(text, picture=lambda _: None))
    assert plain(again.text).split() == plain(text).split()
