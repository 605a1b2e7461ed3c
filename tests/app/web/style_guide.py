"""Every macro and skeleton page with sample data.

By hand, `python -m tests.app.web.style_guide FOLDER` writes the pages and, where a Chromium is found, a picture of
each at a phone's and a desk's width; names of pages after the folder narrow the pictures to those.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from app.authoring.asking_schemas import ItemAsked
from app.web.rendering import FormState
from app.web.templating import environment
from question_bank.items import ItemType
from question_bank.kinds import kind_of
from question_bank.wording import Wording

NOW = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)
GUIDE = Path(__file__).parent / "guide"
STATIC = Path(__file__).parents[3] / "app/web/static"
ALL_OR_NOTHING = Wording("全部正确得分，否则不得分", "All right or no points")
PAGES = ("desk.html", "form.html", "way.html", "verify.html", "error.html", "exam.html", "exam_offline.html")


@cache
def guide_environment() -> Environment:
    """The environment of the product, which also finds the guide's pages."""
    env = environment()
    assert env.loader is not None
    env.loader = ChoiceLoader([FileSystemLoader(GUIDE), env.loader])
    return env


def _item(number: int, kind: str, stem: str, **more: Any) -> ItemAsked:
    said = {"type_name": kind_of(ItemType(kind)).name, "points_hundredths": 200, "scoring": ALL_OR_NOTHING}
    empty = {"options": [], "premises": [], "blanks": [], "text": "", "unit": "", "case": None}
    item = {"number": number, "kind": kind, "stem": stem, "responded": number < 20}
    return ItemAsked.model_validate({**empty, **item, **said, **more})


def _options(*texts: str, chosen: str = "") -> list[dict[str, Any]]:
    return [
        {"key": key, "value": value, "text": text, "chosen": key in chosen}
        for value, (key, text) in enumerate(zip("ABCDEFGH", texts, strict=False))
    ]


def _sections() -> list[dict[str, Any]]:
    stem = "党员教育管理工作中，党支部应当组织党员按期参加的组织生活包括下列哪些内容？"
    texts = (
        "支部党员大会、支部委员会会议、党小组会",
        "按时上好党课",
        "每月相对固定 1 天开展主题党日",
        "由上级单位统一安排的业务竞赛",
    )
    single = [
        _item(
            n, "single_choice", "党支部每月相对固定几天开展主题党日？", options=_options("1 天", "2 天", "3 天", "半天")
        )
        for n in range(1, 16)
    ]
    some = Wording("少选得 1 分，错选不得分", "1 point for some of them, none for a wrong one")
    several = [
        _item(
            n, "multiple_choice", stem, options=_options(*texts, chosen="AB"), **({"scoring": some} if n == 20 else {})
        )
        for n in range(16, 31)
    ]
    judged = [
        _item(n, "true_false", "预备党员的预备期为一年。", options=_options("正确", "错误")) for n in range(31, 46)
    ]
    others = [
        _item(46, "fill_blank", "党支部委员会每届任期____年至____年。", blanks=["三", ""]),
        _item(47, "numeric", "应到 40 人，实到 34 人，到会率是多少？", text="85", unit="%"),
        _item(
            48,
            "ordering",
            "按先后排列发展党员的步骤。",
            options=_options("递交入党申请书", "确定为积极分子", chosen=""),
        ),
        _item(
            49,
            "matching",
            "将会议与要求配对。",
            options=_options("每月一次", "每季度一次"),
            premises=[{"text": "支部党员大会", "chosen": 1}, {"text": "党小组会", "chosen": None}],
        ),
        _item(
            50,
            "short_answer",
            "指出其中的不妥之处并说明理由。",
            case={
                "stem": "阅读材料，回答问题。",
                "stimulus": "某支部全年召开党员大会两次，由支部书记一人决定接收预备党员。",
                "first": 50,
                "last": 50,
            },
            text="党员大会一般每季度召开一次。",
        ),
    ]
    titled = (("一、单选题", single), ("二、多选题", several), ("三、判断题", judged), ("四、其他题型", others))
    return [{"title": t, "note": f"{len(e)} 题 · 每题 2 分", "entries": e} for t, e in titled]


def sample(page: str, lang: str = "zh-CN") -> dict[str, Any]:
    """The context of `page`, as the renderer would supply it."""
    names = ["林晓梅", "吴建国", "欧阳雪", "买买提·艾力"]
    units = ["金山街道党工委", "市第一人民医院党委", "龙昌镇人民政府", "市水务投资公司党支部"]
    states = [("stop", "剩 1 个工作日"), ("wait", "待补充材料"), ("info", "待经办"), ("ok", "已提意见")]
    row = {"id_masked": "5227**********2023", "received": "11月12日", "due": "11月23日"}
    counts = [2, 5, 9, 14, 22, 31, 48, 66, 84, 97, 71, 49, 24, 5]
    stages = [
        {"name": "报名", "state": "done", "at": NOW - timedelta(days=30), "text": "资格核对通过"},
        {"name": "考试", "state": "done", "at": NOW - timedelta(days=12), "text": "第 3 考场 12 座"},
        {"name": "成绩", "state": "done", "at": NOW - timedelta(days=9), "text": "92.5 分，合格"},
        {
            "name": "审查",
            "state": "wait",
            "due": "11月27日前办结",
            "text": "两个部门正在办理",
            "href": "/case",
            "action": "补充材料",
        },
        {"name": "公示", "state": "todo"},
        {"name": "证书", "state": "todo"},
    ]
    exam = {
        "title": "初级党务工作者资格认证考试",
        "candidate": "林晓梅",
        "ticket": "2026-0142-07",
        "place": "第 3 考场 12 座",
        "deadline": NOW + timedelta(seconds=4368),
        "remaining_seconds": 4368,
        "total": 50,
        "responded": 19,
        "current": 20,
        "hand_in_href": "/attempt/hand-in",
        "full_screen": True,
        "sections": _sections() if page.startswith("exam") else [],
    }
    typed = {
        "name": "2026 年初级党务工作者资格认证考试",
        "level": "primary",
        "starts_at": "2026-11-28T09:00",
        "duration": "90",
    }
    typed |= {"mode": "room", "kinds": ["single"], "id_number": "522701199003072023", "cut": "60"}
    wrong = {"starts_at": "开考时间须晚于报名截止。", "kinds": "多选题在备选题集中不足 15 题。"}
    return {
        "lang": lang,
        "nonce": "n0nce",
        "csrf_token": "token",
        "nav": [
            {"href": f"/{n}", "text": t, "current": n == 0, "leads": n == 2}
            for n, t in enumerate(["待办", "函询与回函", "已办"])
        ],
        "actor": None if page == "verify.html" else {"name": "周启明", "roles": ["纪检经办"]},
        "now": NOW,
        "page_path": "/",
        "said": "已保存草稿。" if page == "form.html" else "",
        "version": "0.1.0",
        "county": "示范县",
        "authority": "中共示范县委组织部",
        "form": FormState(typed, wrong) if page == "form.html" else FormState(),
        "error": {
            "sentence": "这场考试已经封卷，不能再改组卷方案。",
            "fields": [],
            "status": 409,
            "code": "exam.sealed",
            "request_id": "01JD8Q6X3V",
        },
        "columns": [
            {"label": "姓名", "sort": "name"},
            {"label": "单位"},
            {"label": "收到", "sort": "received"},
            {"label": "到期", "sort": "due"},
            {"label": "状态"},
            {"label": "操作", "kind": "act"},
        ],
        "rows": [
            {"name": n, "unit": u, "kind": k, "state": s} | row
            for n, u, (k, s) in zip(names, units, states, strict=True)
        ],
        "stages": stages,
        "bins": [
            {"low": str(low), "high": str(low + 4), "count": c}
            for low, c in zip(range(30, 100, 5), counts, strict=True)
        ],
        "exam": exam,
    }


def render(page: str, lang: str = "zh-CN", env: Environment | None = None) -> str:
    """`page` of the guide as text."""
    return (env or guide_environment()).get_template(page).render(**sample(page, lang))


def picture(chromium: str, fonts: Path, page: Path, out: Path, *, width: int, height: int, anchor: str = "") -> None:
    """A picture of `page`; narrow ones are framed, because a headless window is never under 500 px wide."""
    target = page
    if width < 500:
        target = page.with_name(f"{page.stem}-{width}-frame.html")
        target.write_text(
            f'<!doctype html><body style="margin:0"><iframe src="{page.name}{anchor}" '
            f'style="border:0;width:{width}px;height:{height}px"></iframe>'
        )
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ]
        command += [f"--user-data-dir={profile}", f"--screenshot={out}", f"--window-size={max(width, 500)},{height}"]
        subprocess.run(
            [*command, f"{target.as_uri()}{'' if width < 500 else anchor}"],
            env={"PATH": "/usr/bin:/bin", "HOME": profile, "XDG_DATA_HOME": str(fonts)},
            capture_output=True,
            check=False,
            timeout=60,
        )


def main(folder: Path) -> None:
    """Write the pages, then the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    env = guide_environment()
    env.globals["static"] = lambda path: f"static/{path}"
    for lang in ("zh-CN", "en"):
        for page in PAGES:
            (folder / f"{lang}-{page}").write_text(render(page, lang, env))
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    fonts = folder / "data" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for package in ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc"):
        link = fonts / package
        if not link.exists():
            link.symlink_to(Path(next(p for p in sys.path if p.endswith("site-packages"))) / package)
    heights = {"desk.html": 1000, "form.html": 2100, "way.html": 1300, "verify.html": 1300}
    wanted = sys.argv[2:] or PAGES
    for page in PAGES:
        if page in wanted:
            height = heights.get(page, 800)
            source = folder / f"zh-CN-{page}"
            picture(chromium, fonts.parent, source, folder / f"{page}-1280.png", width=1280, height=height)
            tall = 740 if page.startswith("exam") else height * 2
            picture(chromium, fonts.parent, source, folder / f"{page}-360.png", width=360, height=tall)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
