"""A house in which something stands in every state that pages show: one story told to its end, others broken off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.audit.sealing import seal
from app.observability.metrics import Metrics
from app.operation import House
from app.outbox.delivery import Delivery
from app.outbox.inbox import InboxChannel
from app.security.permissions import Role
from app.tables import METADATA
from tests.support.bank_files import party_bank_docx
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.practice import make_practice, wrong_responses
from tests.support.roster import roster_xlsx
from tests.support.story import Story


@dataclass(frozen=True)
class Furnished:
    """The story that was told, and who to walk the house as: one of each role, two candidates, and the public."""

    story: Story
    walkers: dict[str, Persona | None]

    def data(self, house: House) -> str:
        """Every text that stands in the tables, was typed, or is a setting: what pages may show in Chinese only."""
        texts = [*self.story.typed, house.settings.county, house.settings.authority]
        with house.database.transaction(reading=True) as db:
            for table in METADATA.sorted_tables:
                for row in db.execute(table.select()):
                    texts += [str(value) for value in row]
        return "\n".join(texts)


def furnish_every_state(house: House, browsers: Callable[[Persona | None], Client]) -> Furnished:
    """Furnish the house."""
    story = Story(house, browsers)
    story.gather_people(persons=4)
    story.import_bank()
    story.plan_exam()
    story.register()
    story.seal()
    house.clock.advance(timedelta(days=2))
    story.sit(story.candidates[:3], right=40)
    house.clock.advance(timedelta(hours=3))
    story.release()
    story.clear(adverse=story.persons[2][1])
    story.review()
    story.show_publicly(objection="听说此人情况不实")
    story.issue()
    story.plan_exam(time="三")
    _leave_unfinished(story)
    _practise(story)
    Delivery(house.database, [InboxChannel(house.database)], metrics=house.tool(Metrics)).run(house.clock.now())
    seal(house)
    walkers: dict[str, Persona | None] = {role.value: persona for role, persona in story.staff.items()}
    for role in Role:
        if role is not Role.CANDIDATE and role.value not in walkers:
            walkers[role.value] = make_staff(house, role)
    walkers["panel_member"] = story.panel[0]
    walkers["unit_liaison"] = story.liaison
    walkers |= {"candidate": story.candidates[0], "candidate_absent": story.candidates[3], "public": None}
    return Furnished(story, walkers)


def _practise(story: Story) -> None:
    """One candidate has practised and got everything wrong, and has looked at it again; another mock exam is closed."""
    made, candidate = make_practice(story.house), story.as_(story.candidates[0])
    start = f"/practice/mock-exams/{made.mock_exam_id}/start"
    attempt = story.act(candidate, start)["id"]
    changes = wrong_responses(story.house, attempt)
    story.act(candidate, f"/practice/attempts/{attempt}/saves", {"changes": changes})
    story.act(candidate, f"/practice/attempts/{attempt}/hand-in", {"epoch": 1})
    again = story.act(candidate, "/practice/wrong/redo", {})["id"]
    story.act(candidate, f"/practice/attempts/{again}/hand-in", {"epoch": 1})
    officer = story.by(Role.EXAM_OFFICER)
    given = {"name": "已停止的模拟", "blueprint_id": made.blueprint_id, "duration_minutes": 30}
    closed = story.act(officer, "/mock-exams", given)["id"]
    story.act(officer, f"/mock-exams/{closed}/close")


def _leave_unfinished(story: Story) -> None:
    """What somebody has begun and nobody has settled: an import, a list with mistakes, steps that were proposed."""
    author = story.by(Role.ITEM_AUTHOR)
    story.send(author, f"/banks/{story.bank_id}/imports", "再来一份.docx", party_bank_docx(), field="file")
    assert story.liaison is not None
    _leave_on_the_desk(story)
    roster = roster_xlsx([("查无此人", "110101199003070011"), *[(name, number) for _, name, number in story.persons]])
    story.send(story.as_(story.liaison), f"/exams/{story.exam_id}/lists", "名单.xlsx", roster, field="upload")
    officer = story.by(Role.CERTIFICATE_OFFICER)
    certificate = story.succeed(officer.api_get("/certificates"))["certificates"][0]["id"]
    story.act(officer, f"/certificates/{certificate}/acts", {"action": "suspend", "reason": "核实情况"})


def _leave_on_the_desk(story: Story) -> None:
    """An item of the author's that is talked over (one thread settled, one open, a comment withdrawn) and assigned;
    another that is assigned to another reviewer."""
    author, reviewer = story.by(Role.ITEM_AUTHOR), story.by(Role.ITEM_REVIEWER)
    judged = {"item_type": "true_false", "stem": "预备党员有表决权。", "key": "错"}
    item_id = story.act(author, f"/banks/{story.bank_id}/write", judged)["id"]
    story.act(author, f"/items/{item_id}/submit")
    here = f"/items/{item_id}/threads"
    first = story.act(reviewer, here, {"version": 1, "field": "explanation", "text": "解析请写明条款"})["id"]
    story.act(author, f"{here}/{first}/reply", {"text": "已补充"})
    story.act(reviewer, f"{here}/{first}/resolve", {"text": "可以"})
    second = story.act(reviewer, here, {"version": 1, "text": "难度是否偏低？"})["id"]
    story.act(reviewer, f"{here}/{second}/reply", {"text": "写错了"})
    said = story.succeed(reviewer.api_get(f"/items/{item_id}"))["threads"][0]["comments"][-1]["id"]
    story.act(reviewer, f"/items/{item_id}/comments/{said}/withdraw")
    lead = story.as_(make_staff(story.house, Role.BANK_LEAD))
    other = story.act(author, f"/banks/{story.bank_id}/write", judged | {"stem": "预备期为一年。", "key": "对"})["id"]
    story.act(author, f"/items/{other}/submit")
    due = {"due_on": "2027-12-31"}
    for one, reviewer_id in (
        (item_id, story.staff[Role.ITEM_REVIEWER].account_id),
        (other, make_staff(story.house, Role.ITEM_REVIEWER).account_id),
    ):
        story.act(lead, f"/items/{one}/assign", {"reviewer_id": reviewer_id} | due)
    here = f"/banks/{story.bank_id}"
    story.act(author, f"{here}/together", {"act": "retire", "item_ids": [item_id, other], "reason": "不再使用"})
    found = story.succeed(author.api_get(f"{here}/together"))["found"]
    story.act(author, f"{here}/together", {"act": "tag", "seen": found, "tag": "年度"})
