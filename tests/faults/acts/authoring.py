"""What authors and reviewers do beside the story."""

import io
from typing import Any

from PIL import Image

from app.security.permissions import Role
from tests.support.client import Client
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_staff

DOUBTFUL = """一、单选题
1、村民委员会每届任期几年？
A、三年
B、五年
C、六年
正确答案：B

2、没有答案的第一题
A、甲
B、乙

3、没有答案的第二题
A、甲
B、乙
""".encode()


def item(stem: str) -> dict[str, Any]:
    """A single-choice item as it is typed."""
    return {
        "item_type": "single_choice",
        "stem": stem,
        "options": ["三年", "五年", "六年"],
        "key": "B",
        "topic": "任期",
    }


def version_of(story: FaultyStory, client: Client, item_id: int) -> int:
    """The id of an item's newest version."""
    return max(version["id"] for version in story.succeed(client.api_get(f"/items/{item_id}"))["versions"])


def write_and_review(story: FaultyStory) -> None:
    """An item is written, returned, revised, approved and retired; another is approved among selected ones."""
    author, reviewer = story.by(Role.ITEM_AUTHOR), story.by(Role.ITEM_REVIEWER)
    first = story.act(author, f"/banks/{story.bank_id}/write", item("支部委员会每届任期几年？"))["id"]
    story.act(author, f"/items/{first}/submit")
    given = {"version_id": version_of(story, reviewer, first), "comment": "请注明依据"}
    story.act(reviewer, f"/items/{first}/return", given)
    revised = item("党的支部委员会每届任期几年？") | {"base_version": 1, "reason": "补充依据"}
    story.act(author, f"/items/{first}/revise", revised)
    story.act(author, f"/items/{first}/submit")
    story.act(reviewer, f"/items/{first}/approve", {"version_id": version_of(story, reviewer, first)})
    story.act(author, f"/items/{first}/classify", {"confidentiality": "secret"})
    story.act(author, f"/items/{first}/retire", {"reason": "政策已调整"})
    second = story.act(author, f"/banks/{story.bank_id}/write", item("总支部委员会每届任期几年？"))["id"]
    story.act(author, "/items/together", {"item_ids": [second], "act": "submit"})
    story.act(reviewer, "/reviews/approve", {"version_ids": [version_of(story, reviewer, second)]})


def talk_it_over(story: FaultyStory) -> None:
    """A thread is opened, answered, settled and reopened; a comment is withdrawn."""
    author, reviewer = story.by(Role.ITEM_AUTHOR), story.by(Role.ITEM_REVIEWER)
    item_id = story.act(author, f"/banks/{story.bank_id}/write", item("预备期多长？"))["id"]
    here = f"/items/{item_id}/threads"
    thread_id = story.act(reviewer, here, {"version": 1, "field": "stem", "text": "请注明依据"})["id"]
    story.act(author, f"{here}/{thread_id}/reply", {"text": "已补"})
    story.act(reviewer, f"{here}/{thread_id}/resolve", {})
    story.act(reviewer, f"{here}/{thread_id}/reopen", {"text": "条款有误"})
    said = story.succeed(reviewer.api_get(f"/items/{item_id}"))["threads"][0]["comments"][-1]["id"]
    story.act(reviewer, f"/items/{item_id}/comments/{said}/withdraw")


def ask_for_reviews(story: FaultyStory) -> None:
    """An item is assigned, taken over by another reviewer, and taken back."""
    author, lead = story.by(Role.ITEM_AUTHOR), story.as_(make_staff(story.house, Role.BANK_LEAD))
    second = story.as_(make_staff(story.house, Role.ITEM_REVIEWER))
    item_id = story.act(author, f"/banks/{story.bank_id}/write", item("党员大会由谁召集？"))["id"]
    story.act(author, f"/items/{item_id}/submit")
    story.act(lead, f"/items/{item_id}/assign", {"reviewer_id": story.staff[Role.ITEM_REVIEWER].account_id})
    story.act(second, f"/items/{item_id}/take-over", {"take_over_reason": "代审"})
    story.act(lead, f"/items/{item_id}/unassign")


def act_on_many(story: FaultyStory) -> None:
    """Items are tagged together; an act on more than are done at once is cancelled."""
    author = story.by(Role.ITEM_AUTHOR)
    here = f"/banks/{story.bank_id}"
    rows = story.succeed(author.api_get(here))["rows"]
    chosen = [row["id"] for row in rows[:2]]
    story.act(author, f"{here}/together", {"act": "tag", "item_ids": chosen, "tag": "年度"})
    found = story.succeed(author.api_get(f"{here}/together"))["found"]
    bulk_id = story.act(author, f"{here}/together", {"act": "tag", "seen": found, "tag": "全部"})["id"]
    story.act(author, f"/bulk-acts/{bulk_id}/cancel")


def put_pictures_in(story: FaultyStory) -> None:
    """A picture is uploaded, a paste is made readable, an item is looked at."""
    author = story.by(Role.ITEM_AUTHOR)
    base = f"/banks/{story.bank_id}"
    drawn = io.BytesIO()
    Image.new("RGB", (4, 3)).save(drawn, "PNG")
    story.send(author, f"{base}/pictures", "图.png", drawn.getvalue(), field="file")
    story.send(author, f"{base}/paste", "粘贴.html", "<p>甲</p>".encode(), field="file")
    story.act(author, f"{base}/look", {"item_type": "ordering", "stem": "甲"})
    story.act(author, f"{base}/form", {"item_type": "ordering", "stem": "题", "more": "body.elements"})


def keep_a_filter(story: FaultyStory) -> None:
    """A filter of the bank's list is kept and forgotten."""
    author = story.by(Role.ITEM_AUTHOR)
    saved = story.act(author, f"/banks/{story.bank_id}/filters", {"name": "草稿", "state": "draft"})["id"]
    story.act(author, f"/filters/{saved}/forget")


def keep_the_register(story: FaultyStory) -> None:
    """Two documents are entered, one with an article, a name is matched, one ends, and what cites it is confirmed."""
    author, reviewer = story.by(Role.ITEM_AUTHOR), story.by(Role.ITEM_REVIEWER)
    cites = item("支部党员大会多久召开一次？") | {"basis": [{"document": "旧条例", "clause": "第一条"}]}
    item_id = story.act(author, f"/banks/{story.bank_id}/write", cites)["id"]

    def enter(title: str, day: str) -> int:
        given = {"title": title, "issuer": "中央", "kind": "regulations", "effective_on": day}
        return int(story.act(reviewer, "/documents", given)["id"])

    old, newer = enter("支部条例（旧）", "2018-10-28"), enter("支部条例（新）", "2027-01-01")
    story.act(reviewer, f"/documents/{old}/clauses", {"label": "第一条", "summary": "总则"})
    story.act(reviewer, "/documents/settle", {"title": "旧条例", "document_id": old})
    story.act(reviewer, f"/documents/{old}/supersede", {"on": "2027-01-01", "by_id": newer, "reason": "修订"})
    story.act(reviewer, f"/items/{item_id}/confirm", {"version": 1, "document_id": newer, "reason": "条文未变"})


def keep_two_apart(story: FaultyStory) -> None:
    """Two items are declared enemies, and are none any more."""
    author = story.by(Role.ITEM_AUTHOR)
    one, other = (
        story.act(author, f"/banks/{story.bank_id}/write", item(stem))["id"]
        for stem in ("总支每届任期几年？", "党委每届任期几年？")
    )
    pair = story.act(author, f"/items/{one}/enemies", {"other_id": other, "enemy_reason": "互相提示"})["id"]
    story.act(author, f"/enemies/{pair}/withdraw", {"reason": "已改"})


def tend_the_tree(story: FaultyStory) -> None:
    """Topics are added, renamed, moved, and two become one."""
    keeper = story.by(Role.ITEM_REVIEWER)
    here = f"/banks/{story.bank_id}/topics"
    law, rules = (int(story.act(keeper, here, {"name": name})["id"]) for name in ("党内法规", "规章"))
    story.act(keeper, f"/topics/{rules}/rename", {"name": "党规"})
    story.act(keeper, f"/topics/{rules}/move", {"parent_id": law})
    story.act(keeper, f"/topics/{rules}/merge", {"into_id": law, "reason": "重复"})


def promise(story: FaultyStory) -> None:
    """A newcomer accepts the declaration of confidentiality."""
    newcomer = story.as_(make_staff(story.house, Role.ITEM_AUTHOR, promised=False))
    story.act(newcomer, "/confidentiality", {"edition": 1})


def mend_an_import(story: FaultyStory) -> None:
    """A doubtful file is mended, brought in and taken back; another is put aside."""
    author = story.by(Role.ITEM_AUTHOR)
    inbox = f"/banks/{story.bank_id}/imports"
    import_id = story.send(author, inbox, "存疑.txt", DOUBTFUL, field="file")["id"]
    here = f"/imports/{import_id}"
    story.act(author, f"{here}/choices", {"level": "primary", "duplicates": "keep_all"})
    story.act(author, f"{here}/items/2/quick", {"item_type": "single_choice", "key": "A", "topic": "任期"})
    story.act(author, f"{here}/items/2", item("没有答案的第一题，已补"))
    story.act(author, f"{here}/items/1/decide", {"decision": "leave"})
    story.act(author, f"{here}/doubtful", {"decision": "leave"})
    story.act(author, f"{here}/again")
    seen = story.succeed(author.api_get(here))["fates"]["taken"]
    story.act(author, f"{here}/commit", {"seen": seen, "submit": False})
    story.act(author, f"{here}/undo")
    other = story.send(author, inbox, "存疑.txt", DOUBTFUL, field="file")["id"]
    story.act(author, f"/imports/{other}/discard")
    large = story.send(author, inbox, "大.txt", DOUBTFUL + b"\n" * 1_100_000, field="file")["id"]
    story.act(author, f"/imports/{large}/cancel")


def give_a_bank_out(story: FaultyStory) -> None:
    """A bank is asked for, granted by another person, and taken."""
    author, approver = story.by(Role.ITEM_AUTHOR), story.by(Role.EXAM_APPROVER)
    asked = {"format": "json", "reason": "移交存档"}
    export_id = story.act(author, f"/banks/{story.bank_id}/exports/propose", asked)["id"]
    story.act(approver, f"/exports/{export_id}/grant")
    story.act(author, f"/exports/{export_id}/take")


ACTS = (
    Act(
        "import_bank",
        frozenset({"/banks/{bank_id}/exports/propose", "/exports/{export_id}/grant", "/exports/{export_id}/take"}),
        give_a_bank_out,
    ),
    Act(
        "import_bank",
        frozenset(
            {
                "/items/{item_id}/threads",
                "/items/{item_id}/threads/{thread_id}/reply",
                "/items/{item_id}/threads/{thread_id}/resolve",
                "/items/{item_id}/threads/{thread_id}/reopen",
                "/items/{item_id}/comments/{comment_id}/withdraw",
            }
        ),
        talk_it_over,
    ),
    Act(
        "import_bank",
        frozenset({"/items/{item_id}/assign", "/items/{item_id}/take-over", "/items/{item_id}/unassign"}),
        ask_for_reviews,
    ),
    Act("import_bank", frozenset({"/banks/{bank_id}/together", "/bulk-acts/{bulk_id}/cancel"}), act_on_many),
    Act("import_bank", frozenset({"/confidentiality"}), promise),
    Act("import_bank", frozenset({"/items/{item_id}/enemies", "/enemies/{pair_id}/withdraw"}), keep_two_apart),
    Act(
        "import_bank",
        frozenset(
            {
                "/documents",
                "/documents/settle",
                "/documents/{document_id}/clauses",
                "/documents/{document_id}/supersede",
                "/items/{item_id}/confirm",
            }
        ),
        keep_the_register,
    ),
    Act(
        "import_bank",
        frozenset(
            {
                "/banks/{bank_id}/topics",
                "/topics/{topic_id}/rename",
                "/topics/{topic_id}/move",
                "/topics/{topic_id}/merge",
            }
        ),
        tend_the_tree,
    ),
    Act("import_bank", frozenset({"/banks/{bank_id}/filters", "/filters/{filter_id}/forget"}), keep_a_filter),
    Act(
        "import_bank",
        frozenset(
            {
                "/banks/{bank_id}/write",
                "/items/{item_id}/submit",
                "/items/{item_id}/return",
                "/items/{item_id}/revise",
                "/items/{item_id}/approve",
                "/items/{item_id}/classify",
                "/items/{item_id}/retire",
                "/items/together",
                "/reviews/approve",
            }
        ),
        write_and_review,
    ),
    Act(
        "import_bank",
        frozenset(
            {
                "/imports/{import_id}/choices",
                "/imports/{import_id}/items/{position}/quick",
                "/imports/{import_id}/items/{position}",
                "/imports/{import_id}/items/{position}/decide",
                "/imports/{import_id}/doubtful",
                "/imports/{import_id}/again",
                "/imports/{import_id}/undo",
                "/imports/{import_id}/discard",
                "/imports/{import_id}/cancel",
            }
        ),
        mend_an_import,
    ),
    Act(
        "import_bank",
        frozenset(
            {"/banks/{bank_id}/pictures", "/banks/{bank_id}/paste", "/banks/{bank_id}/look", "/banks/{bank_id}/form"}
        ),
        put_pictures_in,
    ),
)
