"""The audit administrator's desk: the log, its anchors, and the check of the one against the other (P36)."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from app.audit import checking, reading
from app.audit.anchor_file import AnchorFile
from app.audit.anchors import Anchor
from app.audit.log import newest_anchor
from app.audit.reading import Filter, Register, Who
from app.audit.schemas import (
    AnchorShown,
    AnchorsShown,
    CheckShown,
    ChoiceShown,
    FactShown,
    LogShown,
    RecordShown,
    StandingShown,
)
from app.audit.words import ACTION_WORDS, SUBJECT_WORDS, action_words, subject_words
from app.errors import FieldProblem, Invalid
from app.jobs.queue import newest
from app.jobs.rules import JobState
from app.operation import Operation, Task
from app.security.actor import ActorKind
from app.security.permissions import Capability
from app.shapes import LOCAL, Done
from app.web.desk import Desk, NavEntry

desk = Desk("audit")
PAGE = 50
ANCHOR_WITHIN = timedelta(minutes=3)
"""Three times the interval of P36: an older newest anchor means that nobody anchors."""
CHECK_EVERY = timedelta(days=7)
_SHOWN_OF_DIGEST = 8
_SERVICE = "service:"


@desk.view("/audit", Capability.AUDIT_READ, template="audit/log.html", nav=NavEntry("审计日志", 86))
def show_log(
    op: Operation,
    *,
    who: str = "",
    kind: str = "",
    action: str = "",
    subject: str = "",
    subject_id: str = "",
    since: str = "",
    until: str = "",
    before: int = 0,
) -> LogShown:
    """The log, newest first. `who`: a name or log-in name; `kind`: person, service or public; `action` and `subject`:
    words of the vocabulary; `since`, `until`: days of Beijing time, both inside."""
    register = op.house.tool(Register)
    kinds = {member.value: member for member in ActorKind}
    wanted = Filter(
        account_ids=register.named(op.db, who) if who else None,
        kind=kinds.get(kind),
        action=action,
        subject_kind=subject,
        subject_id=subject_id,
        since=_midnight("since", since, 0),
        until=_midnight("until", until, 1),
    )
    rows = reading.list_records(op.db, op.actor, wanted, before=before, limit=PAGE + 1)
    return LogShown(
        standing=_standing(op),
        records=_shown(op, rows[:PAGE]),
        who=who,
        kind=kind if kind in kinds else "",
        action=action,
        subject=subject,
        subject_id=subject_id,
        since=since,
        until=until,
        filtered=any((who, kind, action, subject, subject_id, since, until)),
        actions=[ChoiceShown(value=value, zh=zh, en=en) for value, (zh, en) in ACTION_WORDS.items()],
        subjects=[ChoiceShown(value=value, zh=zh, en=en) for value, (zh, en) in SUBJECT_WORDS.items()],
        next_before=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
    )


@desk.view("/audit/anchors", Capability.AUDIT_READ, template="audit/anchors.html")
def show_anchors(op: Operation, *, before: int = 0) -> AnchorsShown:
    """The anchors with their age, whether they stand outside, and the last check of the log against them."""
    rows = reading.list_anchors(op.db, op.actor, before=before, limit=PAGE + 1)
    return AnchorsShown(
        standing=_standing(op),
        anchors=[
            AnchorShown(
                id=anchor.id,
                gap=anchor.kind == "gap",
                at=_moment(anchor),
                age_seconds=max(0, int((op.now - _moment(anchor)).total_seconds())),
                tree_size=anchor.tree_size,
                root_hash=anchor.root_hash,
                key_id=anchor.key_id,
            )
            for anchor in rows[:PAGE]
        ],
        outside=_newest_outside(op),
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )


@desk.command(
    "/audit/check",
    Capability.AUDIT_READ,
    then="/audit/anchors",
    retry=show_anchors,
    said="已开始核对，结果会显示在本页。",
)
def check_log(op: Operation) -> Done:
    """Check the stored log against the anchors outside, now."""
    return Done(id=checking.ask(op))


def waiting(op: Operation) -> list[Task]:
    """A log that did not verify, that nobody anchors, or that was not checked for a week."""
    if op.actor.account_id is None or not op.may(Capability.AUDIT_READ):
        return []
    standing = _standing(op)
    check = standing.check
    old = check is None or check.finished_at is None or op.now - check.finished_at > CHECK_EVERY
    failed = check is not None and check.ok is False
    return [
        Task(
            "项核对未通过，请立即查明",
            "check that failed: find out at once",
            int(failed),
            "/audit/anchors",
            urgent=True,
        ),
        Task(
            "项锚定中断：日志超过三分钟没有锚定",
            "break in the anchoring: none for three minutes",
            int(not standing.anchor_fresh),
            "/audit/anchors",
            urgent=True,
        ),
        Task("项核对待办：一周内没有核对日志", "check to make: none within a week", int(old), "/audit/anchors"),
    ]


def _midnight(field: str, typed: str, days: int) -> datetime | None:
    """The beginning of the day that was typed, or of one `days` later; None where nothing was typed."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed) + timedelta(days=days)
        return datetime.combine(day, time(), LOCAL)
    except (ValueError, OverflowError):
        raise Invalid(
            FieldProblem(field, "须为日期，例如 2026-11-21。", "A date is needed, such as 2026-11-21.")
        ) from None


def _moment(anchor: Anchor) -> datetime:
    return datetime.fromisoformat(anchor.at)


def _standing(op: Operation) -> StandingShown:
    anchor = newest_anchor(op.db)
    sealed = anchor.tree_size if anchor else 0
    return StandingShown(
        sealed=sealed,
        unsealed=reading.count_unsealed(op.db, sealed),
        anchored_at=_moment(anchor) if anchor else None,
        anchor_fresh=anchor is not None and op.now - _moment(anchor) <= ANCHOR_WITHIN,
        check=_last_check(op),
    )


def _last_check(op: Operation) -> CheckShown | None:
    job = newest(op.db, checking.JOB)
    if job is None:
        return None
    result, error = job.result or {}, job.error or {}
    done = job.state is JobState.DONE
    return CheckShown(
        state=job.state,
        asked_at=job.created_at,
        finished_at=job.finished_at,
        ok=result.get("ok"),
        first_bad_record=result.get("first_bad_record"),
        zh=str(result["zh"]) if done else error.get("zh", job.message_zh),
        en=str(result["en"]) if done else error.get("en", job.message_en),
    )


def _newest_outside(op: Operation) -> int | None:
    try:
        last = AnchorFile(op.settings.anchor_folder).last()
    except OSError:
        return None
    return last.anchor.id if last else None


def _shown(op: Operation, rows: list[dict[str, Any]]) -> list[RecordShown]:
    """Records with the names of those they speak of: three statements, however many rows."""
    register = op.house.tool(Register)
    about = {kind: {_number(row["subject_id"]) for row in rows if row["subject_kind"] == kind} for kind in _NAMED}
    account_ids = {row["actor_account_id"] for row in rows if isinstance(row["actor_account_id"], int)}
    accounts = register.accounts(op.db, account_ids | about["account"])
    persons = register.persons(op.db, about["person"])
    return [
        _record(row, accounts, {"account": {k: w.name for k, w in accounts.items()}, "person": persons}) for row in rows
    ]


_NAMED = ("account", "person")


def _number(text: object) -> int:
    """An id as it stands in the log; 0 where somebody wrote something else there."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _record(row: dict[str, Any], accounts: Any, names: dict[str, Any]) -> RecordShown:
    by = accounts.get(row["actor_account_id"]) or Who("", "")
    action, kind, request_id = str(row["action"]), str(row["subject_kind"]), str(row["request_id"])
    at = _read_moment(row["at"])
    return RecordShown(
        id=row["id"],
        at=at,
        at_text="" if at else str(row["at"]),
        who=by.name,
        login=by.login,
        actor_kind=str(row["actor_kind"]),
        process=request_id.removeprefix(_SERVICE) if row["actor_kind"] == ActorKind.SERVICE.value else "",
        action=action,
        action_zh=action_words(action)[0],
        action_en=action_words(action)[1],
        subject_kind=kind,
        subject_zh=subject_words(kind)[0],
        subject_en=subject_words(kind)[1],
        subject_id=str(row["subject_id"]),
        subject_name=names.get(kind, {}).get(_number(row["subject_id"]), ""),
        reason=str(row["reason"]),
        address=str(row["address_digest"])[:_SHOWN_OF_DIGEST],
        request_id=request_id,
        facts=_facts(row["before"], row["after"]),
    )


def _read_moment(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(said))
    except ValueError:
        return None


def _facts(before: object, after: object) -> list[FactShown]:
    """What the record says member by member; a text that is no JSON object is shown whole."""
    old, new = _members(before), _members(after)
    return [FactShown(name=n, before=old.get(n, ""), after=new.get(n, "")) for n in dict.fromkeys([*old, *new])]


def _members(stored: object) -> dict[str, str]:
    if stored is None:
        return {}
    try:
        found = json.loads(str(stored))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return {"?": str(stored)}
    return {str(k): v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in found.items()}
