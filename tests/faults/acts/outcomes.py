"""What happens on the exam day and after it, beside the story."""

from app.attempts.queries import attempt_of
from app.attempts.response_files.service import book_of
from app.attempts.signals.gathering import Signals
from app.exams.models import Room, RoomProctor
from app.exams.queries.seats import find_room
from app.operation import acting_as
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_staff
from tests.support.response_file import shut_file


def sit_at_two_computers(story: FaultyStory) -> None:
    """A candidate's computer breaks: another takes the attempt over, and the proctor grants time. Never handed in."""
    story.open_room()
    proctor = story.by(Role.PROCTOR)
    seat = story._seat(story.candidates[-1])

    def code() -> str:
        story.act(proctor, f"/registrations/{seat.registration_id}/check-in-code")
        board = story.succeed(proctor.api_get(f"/rooms/{seat.room_id}"))["candidates"]
        return str(next(line["code"] for line in board if line["registration_id"] == seat.registration_id))

    first, second = story.browsers(None), story.browsers(None)
    for client in (first, second):
        story.act(client, "/ticket-sign-in", {"ticket_number": seat.ticket_number, "code": code()})
    story.act(first, f"/registrations/{seat.registration_id}/declaration", {"version": 1})
    attempt = story.act(first, "/attempts/start", {"registration_id": seat.registration_id})
    story.act(second, f"/attempts/{attempt['attempt_id']}/take-over", {"code": code()})
    story.act(proctor, f"/rooms/{seat.room_id}/time", {"minutes": 5, "cause": "network_failure"})
    story.act(proctor, f"/rooms/{seat.room_id}/pause", {"cause": "power_failure"})
    story.act(proctor, f"/rooms/{seat.room_id}/resume")
    chief = make_staff(story.house, Role.CHIEF_PROCTOR)
    with acting_as(story.house, "test") as op:
        op.db.add(RoomProctor(room_id=seat.room_id, account_id=chief.account_id))
        sitting = f"/sittings/{find_room(op.db, op.actor, seat.room_id or 0).sitting_id}"
    story.act(story.as_(chief), f"{sitting}/time", {"minutes": 1, "cause": "power_failure"})
    story.act(story.as_(chief), f"{sitting}/pause", {"cause": "power_failure"})
    story.act(story.as_(chief), f"{sitting}/resume")
    story.act(proctor, "/receipts/check", {"receipt": "ABCD-EFGH-JKLM"})


def bring_a_late_file(story: FaultyStory) -> None:
    """The proctor brings a file from a computer that never came back; two people refuse it."""
    seat, book = story._seat(story.candidates[0]), book_of(story.house)
    with story.house.database.transaction(reading=True) as db:
        attempt = attempt_of(db, seat.registration_id)
        assert attempt is not None
        content = {
            "attempt_id": attempt.id,
            "file_pass": book.pass_of(attempt.id),
            "made_at": 1,
            "changes": [{"position": 1, "revision": 1, "response": [], "epoch": 1}],
        }
    raw = shut_file(exam_id=story.exam_id, key=book.public_key(story.exam_id), content=content)
    here = f"/rooms/{seat.room_id}/files"
    file_id = story.send(story.by(Role.PROCTOR), here, "responses.json", raw, field="file")["id"]
    given = {"proposal": "refuse", "cause": "答卷已交"}
    story.act(story.by(Role.EXAM_OFFICER), f"/response-files/{file_id}/propose", given)
    story.act(story.by(Role.EXAM_APPROVER), f"/response-files/{file_id}/settle", {"agreed": True})


def close_the_room_too_early(story: FaultyStory) -> None:
    """The proctor closes the room, and opens it again: a slip of paper was not counted."""
    proctor, day = story.by(Role.PROCTOR), f"/rooms/{story.room_id}/day"
    sheets = story.succeed(proctor.api_get(day))["expected_sheets"]
    story.act(proctor, f"{day}/close", {"sheets": sheets, "slips": 2})
    story.act(proctor, f"{day}/reopen", {"reason": "漏数一张草稿纸"})


def close_the_absences(story: FaultyStory) -> None:
    """Who never came is stated, returned, stated again, confirmed, opened again and confirmed anew; then a reason is
    brought forward and recognised."""
    proctor, officer = story.by(Role.PROCTOR), story.by(Role.EXAM_OFFICER)
    here, approver = f"/rooms/{story.room_id}/absences", story.by(Role.EXAM_APPROVER)
    lines = story.succeed(proctor.api_get(here))["lines"]
    stated = {"absent": [{"registration_id": line["registration_id"], "cause": "no_show"} for line in lines]}
    story.act(proctor, f"{here}/state", stated)
    story.act(officer, f"{here}/return", {"reason": "请再核对座位"})
    story.act(proctor, f"{here}/state", stated)
    story.act(officer, f"{here}/confirm")
    story.act(proctor, f"{here}/ask-reopening", {"reason": "名单有误"})
    story.act(officer, f"{here}/settle-reopening", {"agreed": True})
    story.act(proctor, f"{here}/state", stated)
    story.act(officer, f"{here}/confirm")
    given = {"cause": "illness", "proof": "县医院诊断证明"}
    for line in lines:
        excuse = f"/exams/{story.exam_id}/absences/{line['registration_id']}"
        story.act(officer, f"{excuse}/excuse", given)
        story.act(approver, f"{excuse}/decide", {"agreed": True})


def keep_the_record(story: FaultyStory) -> None:
    """An incident is written down; after both have signed an addition is made, returned, written anew and signed; an
    approver does without the record of a room that nobody sat in."""
    proctor, room = story.by(Role.PROCTOR), f"/rooms/{story.room_id}"
    with acting_as(story.house, "test") as op:
        happened_at, sitting_id = op.now.isoformat(), find_room(op.db, op.actor, story.room_id).sitting_id
        empty = Room(sitting_id=sitting_id, name="备用考场", capacity=1, remote=False)
        op.db.add(empty)
        op.db.flush()
        empty_id = empty.id
    story.act(proctor, f"{room}/incidents", {"happened_at": happened_at, "words": "空调故障"})
    story.file_record()
    story.act(proctor, f"{room}/record/additions", {"words": "草稿纸应为三张"})
    story.sign_record(proctor)
    second = story.as_(story.second_proctor())
    story.act(second, f"{room}/record/2/return", {"reason": "数目不对"})
    story.act(proctor, f"{room}/record/2/rewrite", {"words": "草稿纸应为四张"})
    for signer in (proctor, second):
        story.sign_record(signer)
    waived = f"/exams/{story.exam_id}/sitting-records/{empty_id}/waive"
    story.act(story.by(Role.EXAM_APPROVER), waived, {"reason": "备用考场未启用"})


def go_the_way_of_misconduct(story: FaultyStory) -> None:
    """The proctor records something that turns out to be nothing; signed twice over, told, answered, decided."""
    candidate = story.candidates[0]
    seat, chief = story._seat(candidate), make_staff(story.house, Role.CHIEF_PROCTOR)
    with acting_as(story.house, "test") as op:
        op.db.add(RoomProctor(room_id=seat.room_id, account_id=chief.account_id))
        happened_at = op.now.isoformat()
    given = {"registration_id": seat.registration_id, "category": "talking", "happened_at": happened_at}
    here = f"/rooms/{seat.room_id}/misconduct"
    case_id = story.act(story.by(Role.PROCTOR), here, {**given, "facts": "与邻座说话"})["id"]
    story.act(story.as_(chief), f"/misconduct/{case_id}/witness")
    story.act(story.as_(candidate), f"/own-misconduct/{case_id}/sign")
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    story.act(officer, f"/misconduct/{case_id}/notify", {"document_number": "示组考〔2026〕1号"})
    story.act(story.as_(candidate), f"/own-misconduct/{case_id}/statement", {"text": "是向监考员提问"})
    ruling = {"ruling": "counts", "document_number": "示组考〔2026〕2号", "reason": "情况属实，不构成违纪"}
    story.act(officer, f"/misconduct/{case_id}/propose", ruling)
    story.act(approver, f"/misconduct/{case_id}/settle", {"agreed": True})


def lose_an_attempt(story: FaultyStory) -> None:
    """A computer that was swapped too late: reported, and declined, for its candidate can still go on."""
    seat, chief = story._seat(story.candidates[-1]), make_staff(story.house, Role.CHIEF_PROCTOR)
    with acting_as(story.house, "test") as op:
        op.db.add(RoomProctor(room_id=seat.room_id, account_id=chief.account_id))
        happened_at = op.now.isoformat()
    here = f"/rooms/{seat.room_id}/faults"
    given = {"registration_id": seat.registration_id, "cause": "machine_failure", "happened_at": happened_at}
    story.act(story.by(Role.PROCTOR), here, {**given, "facts": "主机不能启动"})
    story.act(story.as_(chief), f"{here}/{seat.registration_id}/decide", {"agreed": False})


def answer_what_was_noticed(story: FaultyStory) -> None:
    """A candidate says something to a signal of their attempt."""
    candidate = story.candidates[0]
    seat = story._seat(candidate)
    signals = story.house.tool(Signals)
    signals.see_device(seat.registration_id, 1, story.house.clock.now())
    signals.flush(story.house.database)
    here = f"/own-signals/{seat.registration_id}/other_device/answer"
    story.act(story.as_(candidate), here, {"words": "在手机上看了准考证"})


def compare_the_responses(story: FaultyStory) -> None:
    """The officer asks for a comparison of all responses."""
    story.act(story.by(Role.EXAM_OFFICER), f"/results/{story.exam_id}/similarity")


def decline_the_release(story: FaultyStory) -> None:
    """The approver wants the results looked at again."""
    story.act(story.by(Role.EXAM_OFFICER), f"/results/{story.exam_id}/propose")
    story.act(story.by(Role.EXAM_APPROVER), f"/results/{story.exam_id}/decline", {"reason": "请核对缺考名单"})


def correct_an_item(story: FaultyStory) -> None:
    """An item is taken for faulty: a correction is declined, proposed again, approved, and everyone is scored anew."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    here = f"/results/{story.exam_id}/rescorings"
    items = story.succeed(officer.api_get(here))["items"]
    given = {"item_version_id": items[0]["item_version_id"], "treatment": "full_points", "reason": "题干有歧义"}
    first = story.act(officer, here, given)["id"]
    story.act(approver, f"{here}/{first}/decline", {"reason": "试题无误"})
    second = story.act(officer, here, given)["id"]
    story.act(approver, f"{here}/{second}/approve")
    make_worker(story.house).drain()


def recheck_a_result(story: FaultyStory) -> None:
    """A candidate doubts the result: recounted, sent back, recounted again, answered."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    candidate = story.as_(story.candidates[0])
    (own, *_) = story.succeed(candidate.api_get("/own-rechecks"))["results"]
    recheck_id = story.act(candidate, f"/own-rechecks/{own['registration_id']}")["id"]
    for agreed in (False, True):
        story.act(officer, f"/rechecks/{recheck_id}/recount", {"note": "逐题核对，与公布的一致"})
        story.act(approver, f"/rechecks/{recheck_id}/settle", {"agreed": agreed})


def read_the_news(story: FaultyStory) -> None:
    """A candidate opens one message and marks the others as read."""
    make_worker(story.house).tick_all()
    candidate = story.as_(story.candidates[0])
    message_id = story.succeed(candidate.api_get("/inbox"))["new"][0]["id"]
    story.act(candidate, f"/inbox/{message_id}/open")
    story.act(candidate, "/inbox/read", {"newest": message_id})


def ask_again(story: FaultyStory) -> None:
    """A panel member sends a clear case back to the offices, whose handlers look the person up and clear it once
    more; colleagues who are close to the person withdraw."""
    member = story.as_(story.panel[0])
    case = next(case for case in story.succeed(member.api_get("/cases"))["in_review"] if case["clear"])
    offices = {
        "/discipline": (Role.DISCIPLINE_HANDLER, Role.DISCIPLINE_APPROVER),
        "/public-security": (Role.PUBLIC_SECURITY_HANDLER, Role.PUBLIC_SECURITY_APPROVER),
    }

    def withdraw(role: Role, here: str) -> None:
        story.act(story.as_(make_staff(story.house, role)), f"{here}/recuse", {"relation": "kin"})

    withdraw(Role.PANEL_MEMBER, f"/cases/{case['id']}")
    story.act(member, f"/cases/{case['id']}/ask-again", {"reason": "有新情况"})
    for room, (handler, approver) in offices.items():
        (check,) = story.succeed(story.by(handler).api_get(room))["to_do"]
        story.act(story.by(handler), f"{room}/checks/{check['id']}/identity")
        withdraw(handler, f"{room}/checks/{check['id']}")
        withdraw(approver, f"{room}/signing/{check['id']}")
    story.clear()


def decline_the_notice(story: FaultyStory) -> None:
    """The notice is sent back."""
    given = {"exam_id": story.exam_id, "document_number": "示组公〔2026〕2号"}
    notice_id = story.act(story.by(Role.EXAM_OFFICER), "/notices/desk", given)["id"]
    story.act(story.by(Role.EXAM_APPROVER), f"/notices/{notice_id}/decline", {"reason": "文号有误"})


def decide_the_objection(story: FaultyStory) -> None:
    """What was raised against somebody is found to be nothing."""
    member = story.as_(story.panel[0])
    (objection,) = story.succeed(member.api_get("/cases"))["objections"]
    story.act(member, f"/objections/{objection['id']}/decide", {"uphold": False, "reason": "查无实据"})


def decline_the_batch(story: FaultyStory) -> None:
    """The batch is sent back."""
    officer = story.by(Role.CERTIFICATE_OFFICER)
    rows = story.succeed(officer.api_get(f"/certificate-batches/exams/{story.exam_id}"))["cases"]
    given = {"document_number": "示组证〔2026〕9号", "case_ids": [row["case_id"] for row in rows if row["ready"]]}
    batch_id = story.act(officer, f"/certificate-batches/exams/{story.exam_id}", given)["id"]
    story.act(story.by(Role.CERTIFICATE_APPROVER), f"/certificate-batches/{batch_id}/decline", {"reason": "文号有误"})


def suspend_a_certificate(story: FaultyStory) -> None:
    """A suspension is proposed twice: sent back once, then carried out."""
    officer, approver = story.by(Role.CERTIFICATE_OFFICER), story.by(Role.CERTIFICATE_APPROVER)
    certificate_id = story.succeed(officer.api_get("/certificates"))["certificates"][0]["id"]
    given = {"action": "suspend", "reason": "经核实"}
    act_id = story.act(officer, f"/certificates/{certificate_id}/acts", given)["id"]
    story.act(approver, f"/certificate-acts/{act_id}/decline", {"reason": "依据不足"})
    act_id = story.act(officer, f"/certificates/{certificate_id}/acts", given)["id"]
    story.act(approver, f"/certificate-acts/{act_id}/approve")


ACTS = (
    Act(
        "morning",
        frozenset(
            {
                "/registrations/{registration_id}/declaration",
                "/attempts/{attempt_id}/take-over",
                "/rooms/{room_id}/pause",
                "/rooms/{room_id}/resume",
                "/rooms/{room_id}/time",
                "/sittings/{sitting_id}/pause",
                "/sittings/{sitting_id}/resume",
                "/sittings/{sitting_id}/time",
                "/receipts/check",
            }
        ),
        sit_at_two_computers,
    ),
    Act("sit", frozenset({"/rooms/{room_id}/day/close", "/rooms/{room_id}/day/reopen"}), close_the_room_too_early),
    Act(
        "sit",
        frozenset(
            {
                *(
                    f"/rooms/{{room_id}}/absences/{act}"
                    for act in ("state", "return", "confirm", "ask-reopening", "settle-reopening")
                ),
                "/exams/{exam_id}/absences/{registration_id}/excuse",
                "/exams/{exam_id}/absences/{registration_id}/decide",
            }
        ),
        close_the_absences,
    ),
    Act(
        "sit",
        frozenset(
            {
                "/rooms/{room_id}/incidents",
                *(f"/rooms/{{room_id}}/record/{act}" for act in ("additions", "{number}/return", "{number}/rewrite")),
                "/exams/{exam_id}/sitting-records/{room_id}/waive",
            }
        ),
        keep_the_record,
    ),
    Act(
        "sit",
        frozenset({"/rooms/{room_id}/files", "/response-files/{file_id}/propose", "/response-files/{file_id}/settle"}),
        bring_a_late_file,
    ),
    Act(
        "sit",
        frozenset(
            {
                "/rooms/{room_id}/misconduct",
                "/misconduct/{case_id}/witness",
                "/misconduct/{case_id}/notify",
                "/misconduct/{case_id}/propose",
                "/misconduct/{case_id}/settle",
                "/own-misconduct/{case_id}/sign",
                "/own-misconduct/{case_id}/statement",
            }
        ),
        go_the_way_of_misconduct,
    ),
    Act(
        "morning",
        frozenset({"/rooms/{room_id}/faults", "/rooms/{room_id}/faults/{registration_id}/decide"}),
        lose_an_attempt,
    ),
    Act("sit", frozenset({"/own-signals/{registration_id}/{kind}/answer"}), answer_what_was_noticed),
    Act("sit", frozenset({"/results/{exam_id}/similarity"}), compare_the_responses),
    Act("sit", frozenset({"/results/{exam_id}/decline"}), decline_the_release),
    Act(
        "sit",
        frozenset(
            {
                "/results/{exam_id}/rescorings",
                "/results/{exam_id}/rescorings/{rescoring_id}/approve",
                "/results/{exam_id}/rescorings/{rescoring_id}/decline",
            }
        ),
        correct_an_item,
    ),
    Act(
        "clear",
        frozenset(
            {"/own-rechecks/{registration_id}", "/rechecks/{recheck_id}/recount", "/rechecks/{recheck_id}/settle"}
        ),
        recheck_a_result,
    ),
    Act("clear", frozenset({"/inbox/{message_id}/open", "/inbox/read"}), read_the_news),
    Act(
        "clear",
        frozenset(
            {
                "/cases/{case_id}/ask-again",
                "/discipline/checks/{check_id}/identity",
                "/public-security/checks/{check_id}/identity",
                "/discipline/checks/{check_id}/recuse",
                "/discipline/signing/{check_id}/recuse",
                "/public-security/checks/{check_id}/recuse",
                "/public-security/signing/{check_id}/recuse",
                "/cases/{case_id}/recuse",
            }
        ),
        ask_again,
    ),
    Act("review", frozenset({"/notices/{notice_id}/decline"}), decline_the_notice),
    Act("show_publicly", frozenset({"/objections/{objection_id}/decide"}), decide_the_objection),
    Act("show_publicly", frozenset({"/certificate-batches/{batch_id}/decline"}), decline_the_batch),
    Act(
        "issue",
        frozenset(
            {
                "/certificates/{certificate_id}/acts",
                "/certificate-acts/{act_id}/approve",
                "/certificate-acts/{act_id}/decline",
            }
        ),
        suspend_a_certificate,
    ),
)
