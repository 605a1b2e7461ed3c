"""The pages keep to what Chromium 109 knows: the last one for Windows 7, which stands in many a computer room.

That browser is not at hand, so that this reads the sources: a list of what came later, each with the version that
brought it and its key in MDN's browser compatibility data (github mdn/browser-compat-data), looked for as text. What it
cannot do: it knows only what stands in the list; a method is known by its name alone, and names that are common beside
(`take`, `drop`, `with`, `filter` of iterators) are not looked for; it does not see what a script builds from strings,
nor how the old browser lays a page out. Whoever uses something new adds what is newer beside it.
"""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
LAST = 109
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)
TEMPLATE_COMMENTS = re.compile(r"{#.*?#}|<!--.*?-->", re.DOTALL)

# What is looked for, the version that brought it, its key in the compatibility data, and a use of it.
JS = (
    (r"\.to(Sorted|Reversed|Spliced)\(", 110, "javascript.builtins.Array.toSorted", "rows.toSorted(by)"),
    (r"\.(isWellFormed|toWellFormed)\(", 111, "javascript.builtins.String.isWellFormed", "text.isWellFormed()"),
    (r"\bstartViewTransition\b", 111, "api.Document.startViewTransition", "document.startViewTransition(act)"),
    (r"\bresizable\b|maxByteLength", 111, "javascript.builtins.ArrayBuffer.resizable", "buffer.resizable"),
    (r"/[dgimsuy]*v[dgimsuy]*(?=[;,)])", 112, "javascript.builtins.RegExp.unicodeSets", "/[a&&b]/v;"),
    (r"\bsearchParams\.size\b", 113, "api.URLSearchParams.size", "url.searchParams.size"),
    (r"\.getSetCookie\(", 113, "api.Headers.getSetCookie", "headers.getSetCookie()"),
    (r"\b(show|hide|toggle)Popover\b", 114, "api.HTMLElement.showPopover", "box.showPopover()"),
    (r"\.transfer(ToFixedLength)?\(", 114, "javascript.builtins.ArrayBuffer.transfer", "buffer.transfer()"),
    (r"\bAbortSignal\.any\b", 116, "api.AbortSignal.any_static", "AbortSignal.any([a, b])"),
    (r"\b(Object|Map)\.groupBy\b", 117, "javascript.builtins.Object.groupBy", "Object.groupBy(rows, by)"),
    (r"\bPromise\.withResolvers\b", 119, "javascript.builtins.Promise.withResolvers", "Promise.withResolvers()"),
    (r"\bURL\.canParse\b", 120, "api.URL.canParse_static", "URL.canParse(text)"),
    (r"\bArray\.fromAsync\b", 121, "javascript.builtins.Array.fromAsync", "Array.fromAsync(rows)"),
    (
        r"\.(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference|intersection|union)\(",
        122,
        "javascript.builtins.Set.union",
        "a.union(b)",
    ),
    (r"\bIterator\.(from|prototype)\b", 122, "javascript.builtins.Iterator.from", "Iterator.from(rows)"),
    (
        r"\bfrom\s+\"[^\"]+\"\s+with\s*{|\bimport\([^)]*{\s*with\b",
        123,
        "javascript.statements.import.import_attributes",
        'from "./x.json" with { type: "json" }',
    ),
    (r"\b(parseHTMLUnsafe|setHTMLUnsafe|setHTML)\b", 124, "api.Element.setHTMLUnsafe", "box.setHTMLUnsafe(text)"),
    (r"\bReadableStream\.from\b", 124, "api.ReadableStream.from_static", "ReadableStream.from(rows)"),
    (r"\bURL\.parse\b", 126, "api.URL.parse_static", "URL.parse(text)"),
    (r"\bCloseWatcher\b", 126, "api.CloseWatcher", "new CloseWatcher()"),
    (r"\bPromise\.try\b", 128, "javascript.builtins.Promise.try", "Promise.try(act)"),
    (r"\bscheduler\.yield\b", 129, "api.Scheduler.yield", "await scheduler.yield()"),
    (r"\bDurationFormat\b", 129, "javascript.builtins.Intl.DurationFormat", "new Intl.DurationFormat()"),
    (r"\.bytes\(\)", 132, "api.Blob.bytes", "blob.bytes()"),
    (r"X25519", 133, "api.SubtleCrypto.deriveKey.x25519", '"X25519"'),
    (r"\.moveBefore\(", 133, "api.Element.moveBefore", "list.moveBefore(a, b)"),
    (r"\.requestClose\(", 134, "api.HTMLDialogElement.requestClose", "dialog.requestClose()"),
    (r"\b(await\s+)?using\s+\w+\s*=", 134, "javascript.statements.using", "using file = open();"),
    (r"\bRegExp\.escape\b", 136, "javascript.builtins.RegExp.escape", "RegExp.escape(text)"),
    (r"Ed25519", 137, "api.SubtleCrypto.sign.ed25519", '"Ed25519"'),
    (r"\b(from|to)(Base64|Hex)\(", 140, "javascript.builtins.Uint8Array.toBase64", "bytes.toBase64()"),
    (r"\bTemporal\.", 144, "javascript.builtins.Temporal", "Temporal.Now"),
)
CSS = (
    (r"\binitial-letter\s*:", 110, "css.properties.initial-letter", "initial-letter: 2"),
    (r"\bcolor-mix\(", 111, "css.types.color.color-mix", "color-mix(in srgb, red, blue)"),
    (r"\b(ok)?(lab|lch)\(", 111, "css.types.color.oklch", "oklch(40% 0.2 30)"),
    (r"\b(a?sin|a?cos|a?tan2?)\(", 111, "css.types.sin", "width: calc(sin(1) * 2px)"),
    (r"\d(rlh|rcap|rch|rex|ric)\b", 111, "css.types.length.rlh", "margin: 1rlh"),
    (r":nth-(last-)?child\([^)]*\bof\b", 111, "css.selectors.nth-child.of_syntax", "li:nth-child(2 of .a)"),
    (
        r"@container\s+[^{]*\bstyle\(",
        111,
        "css.at-rules.container.style_queries_for_custom_properties",
        "@container style(--a: 1) {",
    ),
    (r"\bview-transition-name\b", 111, "css.properties.view-transition-name", "view-transition-name: a"),
    (r"&", 112, "css.selectors.nesting", "a { &:hover {} }"),
    (r"\blinear\(", 113, "css.types.easing-function.linear-function", "linear(0, 1)"),
    (r"(?<!-)\bimage-set\(", 113, "css.types.image.image-set", "image-set(a 1x)"),
    (r"\btext-wrap(-style)?\s*:", 114, "css.properties.text-wrap", "text-wrap: balance"),
    (r":popover-open", 114, "css.selectors.popover-open", "[popover]:popover-open"),
    (r"\b(animation|scroll|view)-timeline\b", 115, "css.properties.animation-timeline", "animation-timeline: scroll()"),
    (r"\bsubgrid\b", 117, "css.properties.grid-template-columns.subgrid", "grid-template-rows: subgrid"),
    (
        r"@starting-style|\btransition-behavior\b|\ballow-discrete\b",
        117,
        "css.at-rules.starting-style",
        "@starting-style {",
    ),
    (r"@scope\b", 118, "css.at-rules.scope", "@scope (.a) {"),
    (
        r"prefers-reduced-transparency",
        118,
        "css.at-rules.media.prefers-reduced-transparency",
        "(prefers-reduced-transparency)",
    ),
    (r":user-(in)?valid", 119, "css.selectors.user-valid", "input:user-invalid"),
    (r":dir\(", 120, "css.selectors.dir", ":dir(ltr)"),
    (r"(?<!-)\bmask(-image|-size|-position|-repeat)?\s*:", 120, "css.properties.mask", "mask: url(a)"),
    (r"\b(pow|sqrt|hypot|log|exp)\(", 120, "css.types.pow", "calc(pow(2, 3) * 1px)"),
    (r"\(scripting\b", 120, "css.at-rules.media.scripting", "@media (scripting: none)"),
    (r"\blight-dark\(", 123, "css.types.color.light-dark", "light-dark(white, black)"),
    (r"\bfield-sizing\b", 123, "css.properties.field-sizing", "field-sizing: content"),
    (
        r"\b(anchor-name|position-anchor|position-area|position-try)\b|\banchor\(",
        125,
        "css.properties.anchor-name",
        "anchor-name: --a",
    ),
    (r"\b(round|mod|rem)\(", 125, "css.types.round", "calc(round(1px, 2px))"),
    (r"\bfont-size-adjust\b", 127, "css.properties.font-size-adjust", "font-size-adjust: 0.5"),
    (r"\binterpolate-size\b|\bcalc-size\(", 129, "css.properties.interpolate-size", "interpolate-size: allow-keywords"),
    (r"::details-content", 131, "css.selectors.details-content", "::details-content"),
    (r"\btext-box(-trim|-edge)?\s*:", 133, "css.properties.text-box", "text-box: trim-both cap"),
    (r"\bif\(", 137, "css.types.if", "color: if(style(--a): red)"),
)
HTML = (
    (r"\sshadowrootmode=", 111, "html.elements.template.shadowrootmode", "<template shadowrootmode=open>"),
    (r"\spopover(target)?[\s=>]", 114, "html.global_attributes.popover", "<div popover>"),
    (r"<search\b", 118, "html.elements.search", "<search>"),
    (r"<details[^>]*\sname=", 120, "html.elements.details.name", '<details name="a">'),
    (r"\sclosedby=", 134, "html.elements.dialog.closedby", "<dialog closedby=any>"),
    (r"\scommandfor=", 135, "html.elements.button.commandfor", "<button commandfor=a>"),
)

ORNAMENTS = {"css.properties.text-wrap": "static/base.css"}
"""What an old browser passes over without harm, and the one sheet it may stand in: lines of a title of even length."""


def sources(*suffixes: str) -> dict[str, str]:
    """The scripts, sheets or templates of the pages, without their comments."""
    found = {}
    for path in sorted(WEB.rglob("*")):
        if path.suffix in suffixes:
            text = path.read_text(encoding="utf-8")
            found[str(path.relative_to(WEB))] = (TEMPLATE_COMMENTS if path.suffix == ".html" else COMMENTS).sub(
                "", text
            )
    return found


@pytest.mark.parametrize(("suffix", "newer"), [(".js", JS), (".css", CSS), (".html", HTML)], ids=["js", "css", "html"])
def test_nothing_newer_than_the_old_browser_is_used(suffix, newer):
    files = sources(suffix)
    assert files
    used = [
        f"{name}: {found.group(0)!r} came with Chromium {version} ({key})"
        for pattern, version, key, _ in newer
        for name, text in files.items()
        for found in re.finditer(pattern, text)
        if ORNAMENTS.get(key) != name
    ]
    assert used == []


@pytest.mark.parametrize("row", [*JS, *CSS, *HTML], ids=lambda row: row[2])
def test_each_row_of_the_list_finds_what_it_is_for(row):
    pattern, version, _, use = row
    assert version > LAST
    assert re.search(pattern, use)
    old = "a.filter(b).with; list.sort(); /[v]/u.test(x); margin: 1rem; url(a); a > b {} -webkit-mask: b"
    assert not re.search(pattern, old)
