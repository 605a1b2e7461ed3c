"""Jinja2 as the pages use it: autoescape on, undefined names are errors, Chinese as the language of the sources."""

import hashlib
import re
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, meta, nodes, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.shapes import LOCAL
from app.web.language import translate
from app.web.pieces import ItemPieces, Slot
from question_bank.content import render

HERE = Path(__file__).parent
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A run of Chinese with the figures and signs in and beside it, but no Latin word and no entity.
_SIGN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_CHINESE = re.compile(rf"(?:[0-9]+ ?)?{_SIGN}(?:[^A-Za-z<>&]*{_SIGN})?[0-9]*")
_MARKED = r'<span lang="zh-CN">\g<0></span>'
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)


@pass_context
def show_date(context: Context, value: datetime | date | None) -> str:
    """2026年11月21日, or 21 Nov 2026; a dash where there is none."""
    if value is None:
        return "—"
    day = _local(value) if isinstance(value, datetime) else value
    if context["lang"] == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


@pass_context
def show_datetime(context: Context, value: datetime | None) -> str:
    """2026年11月21日 10:05, or 21 Nov 2026, 10:05, in local time; a dash where there is none."""
    if value is None:
        return "—"
    separator = ", " if context["lang"] == "en" else " "
    return f"{show_date(context, value)}{separator}{_local(value):%H:%M}"


@pass_context
def show_span(context: Context, begin: datetime, end: datetime) -> str:
    """2026年11月21日 09:00 – 11:00, in local time; the end with its day where that is another one (past midnight)."""
    same_day = _local(begin).date() == _local(end).date()
    return f"{show_datetime(context, begin)} – {show_clock(end) if same_day else show_datetime(context, end)}"


@pass_context
def mark_chinese(context: Context, value: Any) -> Any:
    """Data that stays Chinese in every language (names, stems, reasons): its Chinese marked so on an English page, for
    voices that read it out (WCAG 3.1.2). Words of the pages go through `_` instead."""
    if context["lang"] != "en" or not _HAN.search(str(value)):
        return value
    if hasattr(value, "__html__"):
        return Markup('<span lang="zh-CN">{}</span>').format(value)
    return Markup(_CHINESE.sub(_MARKED, str(escape(value))))  # noqa: S704 - escaped above


@pass_context
def show_age(context: Context, seconds: int) -> str:
    """4 分钟, or 4 min: how long ago, in its largest unit."""
    for size, zh, en in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return f"{seconds // size} {en if context['lang'] == 'en' else zh}"
    return f"{seconds} {'s' if context['lang'] == 'en' else '秒'}"


def show_clock(value: datetime | None) -> str:
    """10:05 in local time; a dash where there is none."""
    return f"{_local(value):%H:%M}" if value else "—"


def show_points(hundredths: int | None) -> str:
    """92.5 for 9250: exact, without trailing zeros."""
    if hundredths is None:
        return "—"
    whole, part = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")


@pass_context
def show_content(context: Context, text: str | Slot, pictures: str) -> Markup:
    """An item text as HTML; `pictures` is the address below which its pictures are found by their hash. Its language is
    marked like that of all data (`mark_chinese`)."""
    return text.as_content() if isinstance(text, Slot) else render_content(text, pictures, context["lang"])


def render_content(text: str, pictures: str, lang: str) -> Markup:
    """The same on a page in that language."""
    made = Markup(render(text, picture=lambda sha256: f"{pictures}/{sha256}"))  # noqa: S704 - sanitised by `render`
    if lang != "en" or not _HAN.search(text):
        return made
    if "<p>" in made or "<table>" in made:
        return Markup('<div lang="zh-CN">{}</div>').format(made)
    return Markup('<span lang="zh-CN">{}</span>').format(made)


class Fragments:
    """Pieces of pages that were rendered before: `{% call kept("name", all that it depends on…) %}…{% endcall %}`.

    What stands inside may depend on nothing but the name and those values, so it never holds a nonce or a token.
    """

    def __init__(self, most: int = 1000) -> None:
        """`most`: how many are kept; then all are let go."""
        self.most = most
        self._held: dict[tuple[Any, ...], str] = {}

    def kept(self, name: str, *depends: Any, caller: Callable[[], str]) -> str:
        """The piece, rendered where it is not at hand."""
        key = (name, *map(_frozen, depends))
        found = self._held.get(key)
        if found is None:
            if len(self._held) >= self.most:
                self._held.clear()
            found = self._held[key] = caller()
        return found


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple([(name, _frozen(held)) for name, held in value.items()])
    return tuple([_frozen(one) for one in value]) if isinstance(value, list) else cast("Hashable", value)


_HEAD = attrgetter("id", "stem_start", "open_threads")
_TAIL = attrgetter("item_type", "level", "difficulty", "topic", "state", "stale_from", "confidentiality")
_APART = "\0"
_CELLS = Fragments(4000)


@pass_context
def show_item_rows(
    context: Context, rows: Sequence[Any], common_cells: Callable[..., Markup], pick: str, talk: str
) -> Markup:
    """The rows of a table of items, written here: a template that goes through a hundred of them costs more than all
    else of the page. Their stems are escaped, all of them at once (NUL stands in none), and marked like all data
    (`mark_chinese`). `common_cells` makes the last cells, which many rows share, but for the end of the last; `pick` is
    the id of the form that boxes before the stems belong to, or ""; `talk` what open threads are called. The cells are
    kept for other pages: they depend on nothing but the language and what they are made of."""
    heads = [_HEAD(row) for row in rows]
    stems = str(escape(_APART.join([stem for _, stem, _ in heads]))).split(_APART)
    if context["lang"] == "en":
        stems = [_CHINESE.sub(_MARKED, stem) for stem in stems]
    cells: dict[tuple[Any, ...], str] = {}
    written = []
    for (id_, _, threads), stem, row in zip(heads, stems, rows, strict=True):
        common = _TAIL(row)
        if common not in cells:
            cells[common] = _CELLS.kept(context["lang"], *common, caller=partial(common_cells, *common))
        box, talked = "", ""
        if pick:
            box = f'<input type="checkbox" form="{pick}" name="item_ids" value="{id_}" aria-labelledby="row-{id_}"> '
        if threads:
            talked = f' <a class="tag wait" href="/items/{id_}#threads">{talk} {threads}</a>'
        link = f'<a id="row-{id_}" href="/items/{id_}">{stem}</a>'
        written.append(f'<tr><th scope="row">{box}{link}</th>{cells[common]}{talked}</td></tr>')
    return Markup("\n".join(written))  # noqa: S704 - stems and cells are escaped, all else is a number or a word of ours


def show_local_input(value: datetime | None) -> str:
    """What a datetime-local field wants: local time without a zone."""
    return f"{_local(value):%Y-%m-%dT%H:%M}" if value else ""


@cache
def static(path: str) -> str:
    """The address of a static file with its content in the name's tail, so that browsers may keep it for ever."""
    digest = hashlib.sha256((HERE / "static" / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@lru_cache(maxsize=8192)
def _words(sentence: str, lang: str) -> Markup:
    return Markup(translate(sentence, "en" if lang == "en" else "zh"))  # noqa: S704 - sentences of ours


@lru_cache(maxsize=8192)
def _whole(sentence: str, lang: str) -> Markup:
    return _words(sentence, lang) % {}


@pass_context
def say(context: Context, sentence: str, /, **variables: Any) -> Markup:
    """`_("…")`: a sentence of ours in the page's language, its variables escaped. The same as the extension's own,
    without looking up and wrapping the sentence anew each time: a page says a hundred."""
    lang = context["lang"]
    return _words(sentence, lang) % variables if variables else _whole(sentence, lang)


@pass_context
def _gettext(context: Context, sentence: str) -> str:
    return translate(sentence, "en" if context["lang"] == "en" else "zh")


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return translate(one if count == 1 else many, "en" if context["lang"] == "en" else "zh")


def _with_lang(join: Callable[..., Markup]) -> Callable[..., Markup]:
    """A filter that is given the language of its page first."""

    @pass_context
    def joined(context: Context, *given: Any) -> Markup:
        return join(context["lang"], *given)

    return joined


_SETTLING = ("lang", "csrf_token")
"""All that most files of macros read of the page that imports them."""


class Macros(Template):
    """A template whose macros, where they read no more of a page than `_SETTLING`, are made once for each language and
    session, and not once for each import: a page imports five files of them."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 - the name that Jinja2 gives it
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - likewise
    ) -> TemplateModule:
        """What an import gives, as Jinja2 asks for it."""
        reads = _reads(self.name) if shared and self.name else None
        page = vars or {}
        if reads is None or not reads.isdisjoint(locals or ()) or (reads & page.keys()).difference(_SETTLING):
            return super().make_module(vars, shared, locals)
        settled = [(name, page[name]) for name in _SETTLING if name in page and (name == "lang" or name in reads)]
        return _module(self, tuple(settled))


@lru_cache(maxsize=512)
def _module(template: Macros, settled: tuple[tuple[str, str], ...]) -> TemplateModule:
    return Template.make_module(template, dict(settled))


@cache
def _reads(name: str) -> frozenset[str] | None:
    """The names that a template, and whatever it imports with its own context, may read of a page; None where that
    cannot be told."""
    env = environment()
    if env.loader is None:
        return None
    tree = env.parse(env.loader.get_source(env, name)[0])
    found = meta.find_undeclared_variables(tree) - env.globals.keys()
    within: Any
    for within in tree.find_all((nodes.Import, nodes.FromImport, nodes.Include)):
        further = _reads(within.template.value) if isinstance(within.template, nodes.Const) else None
        if further is None:
            return None
        found |= further
    return frozenset(found)


@cache
def environment() -> Environment:
    """The one environment of the pages in this process, whatever houses stand in it: each template is compiled once."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a release brings its templates with it
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.template_class = Macros
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(_=say, kept=Fragments().kept)
    pieces = ItemPieces(render_content)
    env.filters.update(
        age=show_age,
        asked_items=_with_lang(pieces.join_items),
        clock=show_clock,
        content=show_content,
        date=show_date,
        datetime=show_datetime,
        item_rows=show_item_rows,
        local_input=show_local_input,
        map_cells=_with_lang(pieces.join_cells),
        points=show_points,
        span=show_span,
        zh=mark_chinese,
    )
    # A form that is sent twice (a double click, a reload) is carried out once; see app.idempotency.
    env.globals.update(static=static, fresh_key=partial(secrets.token_urlsafe, 12))
    return env


class Pages:
    """Renders templates; one for the life of the service."""

    def __init__(self) -> None:
        self.env = environment()

    def render(self, template: str, **context: Any) -> str:
        """The page as text. `context` must hold what base.html asks for; see `app.web.rendering.page`."""
        lang = context["lang"]
        return self.env.get_template(template).render(
            t=partial(translate, lang="en" if lang == "en" else "zh"), **context
        )
