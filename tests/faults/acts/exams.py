"""What happens to blueprints, exams and registrations beside the story."""

import random
from datetime import datetime, timedelta
from typing import Any

from app.demo.portraits import draw_portrait
from app.exams.registering.rules import CURRENT
from app.operation import acting_as
from app.people.queries import person_by_id, unit_by_id
from app.people.service import unmask_id_number
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_person
from tests.support.roster import roster_xlsx


def newcomer(story: FaultyStory) -> dict[str, str]:
    """One more full member of the township, by name and ID number."""
    with acting_as(story.house, "test") as op:
        unit = unit_by_id(op.db, person_by_id(op.db, story.persons[0][0]).unit_id)
        person = make_person(op, unit)
        return {"name": person.name, "id_number": unmask_id_number(op, person, why="测试名单")}


def blueprint(story: FaultyStory) -> dict[str, Any]:
    """A small blueprint."""
    cells = [{"section": "一、单选题", "item_type": "single_choice", "count": 5, "points": "20"}]
    return {"bank_id": story.bank_id, "name": "五题", "level": "primary", "cut_score": "60", "cells": cells}


def draft_a_blueprint(story: FaultyStory) -> None:
    """A blueprint is checked, written, returned and written anew."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    story.act(officer, "/blueprints/check", blueprint(story))
    blueprint_id = story.act(officer, "/blueprints", blueprint(story))["id"]
    story.act(officer, f"/blueprints/{blueprint_id}/submit")
    story.act(approver, f"/blueprints/{blueprint_id}/return", {"reason": "题量太少"})
    story.act(officer, f"/blueprints/{blueprint_id}", blueprint(story))
    best = f"/blueprints/{blueprint_id}/best-form"
    story.act(officer, best, {"seconds": 20})
    story.act(officer, f"{best}/cancel")
    story.act(officer, best, {"seconds": 20})
    make_worker(story.house).drain()
    story.act(officer, f"{best}/keep", {"name": "五题固定卷"})


def plan(story: FaultyStory) -> dict[str, Any]:
    """An exam in ten days, registration open from now."""
    shown = story.succeed(story.by(Role.EXAM_OFFICER).api_get("/blueprints"))
    approved = next(row["id"] for row in shown["blueprints"] if row["state"] == "approved")
    now = story.house.clock.now()
    return {
        "name": "另一次考试",
        "blueprint_id": approved,
        "registration_opens_at": now.isoformat(),
        "registration_closes_at": (now + timedelta(days=7)).isoformat(),
        "starts_at": (now + timedelta(days=10)).isoformat(),
        "ends_at": (now + timedelta(days=10, hours=2)).isoformat(),
        "duration_minutes": 90,
        "rooms": [{"name": "甲考场", "capacity": 30}],
    }


def draft_an_exam(story: FaultyStory) -> None:
    """An exam is planned, furnished, returned, planned anew and cancelled."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    given = plan(story)
    here = f"/exams/{story.act(officer, '/exams', given)['id']}"
    story.act(officer, here, given | {"duration_minutes": 80})
    room = f"{here}/rooms/{story.act(officer, f'{here}/rooms', {'name': '乙考场', 'capacity': 9})['id']}"
    proctor = {"account_id": story.staff[Role.PROCTOR].account_id}
    story.act(officer, f"{room}/proctors", proctor)
    story.act(officer, f"{room}/proctors/release", proctor)
    story.act(officer, f"{here}/proctors/suggested")
    story.act(officer, f"{room}/remove")
    story.act(officer, f"{here}/submit")
    story.act(approver, f"{here}/return", {"reason": "考场不够"})
    story.act(approver, f"{here}/cancel", {"reason": "改期"})


def register_one_by_one(story: FaultyStory) -> None:
    """A unit enters two persons and takes one back, the officer refuses the other; a list is put aside."""
    assert story.liaison
    here = f"/exams/{story.exam_id}/registrations"
    taken_back = story.act(story.as_(story.liaison), here, newcomer(story))["id"]
    story.act(story.as_(story.liaison), f"{here}/{taken_back}/withdraw")
    refused = story.act(story.as_(story.liaison), here, newcomer(story))["id"]
    story.act(story.by(Role.EXAM_OFFICER), f"{here}/{refused}/refuse", {"reason": "材料不全"})
    entry = newcomer(story)
    content = roster_xlsx([(entry["name"], entry["id_number"])])
    lists = f"/exams/{story.exam_id}/lists"
    list_id = story.send(story.as_(story.liaison), lists, "报名.xlsx", content, field="upload")["id"]
    story.act(story.as_(story.liaison), f"/lists/{list_id}/discard")


def decline_the_sealing(story: FaultyStory) -> None:
    """The approver sends the sealing back."""
    story.act(story.by(Role.EXAM_OFFICER), f"/exams/{story.exam_id}/seal/propose")
    story.act(story.by(Role.EXAM_APPROVER), f"/exams/{story.exam_id}/seal/decline", {"reason": "再核对一遍"})


def draw_the_seats(story: FaultyStory) -> None:
    """The officer draws the seats of everybody who is confirmed."""
    story.act(story.by(Role.EXAM_OFFICER), f"/exams/{story.exam_id}/seating")


def draw_the_seats_again(story: FaultyStory) -> None:
    """A room cannot be used: the approver draws again."""
    story.act(story.by(Role.EXAM_APPROVER), f"/exams/{story.exam_id}/seating/again", {"reason": "教室漏水"})


def accommodate(story: FaultyStory) -> None:
    """One person is granted extra time, loses it again; another proposal is declined."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    given = newcomer(story) | {"extra_percent": 25, "first_day": "2026-01-01", "basis": "医院证明"}
    here = [f"/accommodations/{story.act(officer, '/accommodations', given)['id']}" for _ in range(2)]
    story.act(approver, f"{here[0]}/approve")
    story.act(approver, f"{here[0]}/withdraw", {"reason": "已痊愈"})
    story.act(approver, f"{here[1]}/decline", {"reason": "材料不全"})


def print_tickets(story: FaultyStory) -> None:
    """A candidate and the unit send a photograph; the hours of printing are set; both print."""
    here = f"/exams/{story.exam_id}"
    assert story.liaison
    candidate, liaison = story.as_(story.candidates[0]), story.as_(story.liaison)
    face = draw_portrait(random.Random(1), long_hair=True)
    story.send(candidate, f"{here}/ticket/photograph", "a.jpg", face, field="file")
    story.act(story.by(Role.EXAM_OFFICER), f"{here}/tickets/window", {"begins": story.house.clock.now().isoformat()})
    assert story.take(candidate, f"{here}/ticket").startswith(b"%PDF")
    (unit,) = story.succeed(liaison.api_get(f"{here}/tickets"))["units"]
    (bare, *_) = unit["bare"]
    story.send(liaison, f"{here}/registrations/{bare['registration_id']}/photograph", "a.jpg", face, field="file")
    assert story.take(liaison, f"{here}/tickets", {"unit_id": unit["unit_id"]}).startswith(b"%PDF")


def settle_policies(story: FaultyStory) -> None:
    """A policy is proposed and approved as the next version; another one is declined."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    given = {
        "level": "advanced",
        "effective_from": "2027-01-01",
        "rules": ["full_member", "not_barred", "no_part_in_making"],
        "reason": "文件",
    }
    here = [f"/policies/{story.act(officer, '/policies', given)['id']}" for _ in range(2)]
    story.act(approver, f"{here[0]}/approve")
    story.act(approver, f"{here[1]}/decline", {"reason": "缺依据"})


def enter_oneself(story: FaultyStory) -> None:
    """In an exam that both enter, one person is endorsed, one is not, one takes the registration back; consent."""
    assert story.liaison
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    given = plan(story) | {"name": "本人报名的考试", "way": "both"}
    here = f"/exams/{story.act(officer, '/exams', given)['id']}"
    story.act(officer, f"{here}/submit")
    story.act(approver, f"{here}/publish")
    entered = [
        story.act(story.as_(persona), f"{here}/apply", {"consent": CURRENT})["id"] for persona in story.candidates[:3]
    ]
    liaison = story.as_(story.liaison)
    story.act(liaison, f"{here}/registrations/endorse", {"registration_ids": entered[:1]})
    story.act(liaison, f"{here}/registrations/{entered[1]}/decline", {"reason": "材料不全"})
    story.act(story.as_(story.candidates[2]), f"{here}/take-back")
    story.act(story.as_(story.candidates[2]), "/consent", {"version": CURRENT})


def make_up(story: FaultyStory) -> None:
    """An exam is cancelled, and whoever was confirmed for it is entered into the one that makes up for it."""
    assert story.liaison
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)

    def announce(name: str, **more: Any) -> str:
        here = f"/exams/{story.act(officer, '/exams', plan(story) | {'name': name, **more})['id']}"
        story.act(officer, f"{here}/submit")
        story.act(approver, f"{here}/publish")
        return here

    first = announce("停考的考试")
    entered = story.act(story.as_(story.liaison), f"{first}/registrations", newcomer(story))["id"]
    story.act(officer, f"{first}/registrations/confirm", {"registration_ids": [entered]})
    story.act(approver, f"{first}/cancel", {"reason": "暴雨"})
    story.act(officer, f"{announce('补考', makes_up_for=int(first.rsplit('/', 1)[1]))}/make-ups/enter")


def count_training(story: FaultyStory) -> None:
    """A unit enters hours twice: one record is confirmed and withdrawn again, the other is declined."""
    assert story.liaison
    officer, liaison = story.by(Role.EXAM_OFFICER), story.as_(story.liaison)
    here = f"/training/{story.persons[0][0]}"
    given = {"day": "2026-01-05", "kind": "theory", "hours": 8, "title": "专题培训"}
    records = [f"{here}/records/{story.act(liaison, here, given)['id']}" for _ in range(2)]
    story.act(officer, f"{records[0]}/confirm")
    story.act(officer, f"{records[0]}/withdraw", {"reason": "重复登记"})
    story.act(officer, f"{records[1]}/decline", {"reason": "与签到表不符"})


def postpone(story: FaultyStory) -> None:
    """One proposal to postpone the published exam is declined, another is done: a minute later than planned."""
    here = f"/exams/{story.exam_id}/emergencies"
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    shown = story.succeed(officer.api_get(f"/exams/{story.exam_id}"))
    off = story.act(officer, here, {"kind": "postpone", "reason": "停电", **_a_minute_later(shown)})["id"]
    story.act(approver, f"{here}/{off}/decline", {"reason": "已恢复供电"})
    done = story.act(officer, here, {"kind": "postpone", "reason": "停电", **_a_minute_later(shown)})["id"]
    story.act(approver, f"{here}/{done}/approve")
    story.house.clock.advance(timedelta(minutes=1))  # the story goes on by the new start


def _a_minute_later(exam: dict[str, Any]) -> dict[str, str]:
    return {
        name: (datetime.fromisoformat(exam[name]) + timedelta(minutes=1)).isoformat()
        for name in ("starts_at", "ends_at")
    }


def add_a_late_comer(story: FaultyStory) -> None:
    """Somebody joins after sealing."""
    given = newcomer(story) | {"reason": "单位漏报"}
    story.act(story.by(Role.EXAM_APPROVER), f"/exams/{story.exam_id}/late", given)


def disclose_the_seed(story: FaultyStory) -> None:
    """The exam is over: everybody may draw again."""
    story.act(story.by(Role.EXAM_APPROVER), f"/exams/{story.exam_id}/seed")


def order_paper(story: FaultyStory) -> None:
    """The sealed exam is ordered on paper, and the order granted."""
    here = f"/exams/{story.exam_id}/paper"
    order = story.act(story.by(Role.EXAM_OFFICER), f"{here}/propose", {"reason": "断网备用"})["id"]
    story.act(story.by(Role.EXAM_APPROVER), f"{here}/{order}/grant")


def switch_the_room(story: FaultyStory) -> None:
    """One proposal to use the reserve forms is declined, another is carried out."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    board = story.succeed(officer.api_get(f"/rooms/{story.room_id}"))
    here = f"/sittings/{board['sitting_id']}/switches"
    off = story.act(officer, here, {"cause": "leak", "note": "待查"})["id"]
    story.act(approver, f"{here}/{off}/decline", {"reason": "查无实据"})
    done = story.act(officer, here, {"cause": "leak", "room_id": story.room_id})["id"]
    story.act(approver, f"{here}/{done}/approve")


_EXAM = "/exams/{exam_id}"
_BLUEPRINT = "/blueprints/{blueprint_id}"
_SWITCHES = "/sittings/{sitting_id}/switches"
ACTS = (
    Act(
        "plan_exam",
        frozenset(
            {
                "/blueprints/check",
                f"{_BLUEPRINT}/return",
                _BLUEPRINT,
                f"{_BLUEPRINT}/best-form",
                f"{_BLUEPRINT}/best-form/cancel",
                f"{_BLUEPRINT}/best-form/keep",
            }
        ),
        draft_a_blueprint,
    ),
    Act(
        "plan_exam",
        frozenset(
            {
                _EXAM,
                f"{_EXAM}/rooms",
                f"{_EXAM}/rooms/{{room_id}}/proctors/release",
                f"{_EXAM}/rooms/{{room_id}}/remove",
                f"{_EXAM}/proctors/suggested",
                f"{_EXAM}/return",
                f"{_EXAM}/cancel",
            }
        ),
        draft_an_exam,
    ),
    Act(
        "plan_exam",
        frozenset(
            {
                f"{_EXAM}/registrations",
                f"{_EXAM}/registrations/{{registration_id}}/withdraw",
                f"{_EXAM}/registrations/{{registration_id}}/refuse",
                "/lists/{list_id}/discard",
            }
        ),
        register_one_by_one,
    ),
    Act("register", frozenset({f"{_EXAM}/seal/propose", f"{_EXAM}/seal/decline"}), decline_the_sealing),
    Act(
        "plan_exam",
        frozenset(
            {
                "/consent",
                f"{_EXAM}/apply",
                f"{_EXAM}/take-back",
                f"{_EXAM}/registrations/endorse",
                f"{_EXAM}/registrations/{{registration_id}}/decline",
            }
        ),
        enter_oneself,
    ),
    Act("plan_exam", frozenset({f"{_EXAM}/make-ups/enter"}), make_up),
    Act(
        "register",
        frozenset({"/policies", "/policies/{policy_id}/approve", "/policies/{policy_id}/decline"}),
        settle_policies,
    ),
    Act(
        "register",
        frozenset(
            {
                "/training/{person_id}",
                *(f"/training/{{person_id}}/records/{{record_id}}/{act}" for act in ("confirm", "decline", "withdraw")),
            }
        ),
        count_training,
    ),
    Act(
        "register",
        frozenset(
            {
                "/accommodations",
                "/accommodations/{accommodation_id}/approve",
                "/accommodations/{accommodation_id}/decline",
                "/accommodations/{accommodation_id}/withdraw",
            }
        ),
        accommodate,
    ),
    Act(
        "register",
        frozenset(
            {
                f"{_EXAM}/emergencies",
                f"{_EXAM}/emergencies/{{change_id}}/approve",
                f"{_EXAM}/emergencies/{{change_id}}/decline",
            }
        ),
        postpone,
    ),
    Act("register", frozenset({f"{_EXAM}/seating"}), draw_the_seats),
    Act("seal", frozenset({f"{_EXAM}/seating/again"}), draw_the_seats_again),
    Act(
        "seal",
        frozenset(
            {
                f"{_EXAM}/ticket",
                f"{_EXAM}/ticket/photograph",
                f"{_EXAM}/tickets",
                f"{_EXAM}/tickets/window",
                f"{_EXAM}/registrations/{{registration_id}}/photograph",
            }
        ),
        print_tickets,
    ),
    Act("seal", frozenset({f"{_EXAM}/late"}), add_a_late_comer),
    Act(
        "seal",
        frozenset({_SWITCHES, f"{_SWITCHES}/{{switch_id}}/approve", f"{_SWITCHES}/{{switch_id}}/decline"}),
        switch_the_room,
    ),
    Act("seal", frozenset({f"{_EXAM}/paper/propose", f"{_EXAM}/paper/{{order_id}}/grant"}), order_paper),
    Act("sit", frozenset({f"{_EXAM}/seed"}), disclose_the_seed),
)
