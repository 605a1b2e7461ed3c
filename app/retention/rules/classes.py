"""The table of retention: what each class of records is kept for, how terms are set, what holds a record. Pure.

`CLASSES` is the table: a class of records, the moment from which its term is counted, the term as delivered with its
source, the shortest term that may be set, and what holds a record of it beyond its term.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import FieldProblem, Invalid


class RecordClass(StrEnum):
    """A class of records that is kept, and destroyed, together."""

    RESPONSES = "responses"
    FORMS = "forms"
    SIGNALS = "signals"
    PHOTOGRAPHS = "photographs"
    PHONES = "phones"
    CONSENTS = "consents"
    CODES = "codes"
    PRACTICE = "practice"
    MISCONDUCT = "misconduct"
    SCANS = "scans"
    DRILLS = "drills"
    IMPORTS = "imports"
    NOTICES = "notices"
    REVIEWS = "reviews"
    OBJECTIONS = "objections"
    EXCUSES = "excuses"
    FAULTS = "faults"
    ACCOMMODATIONS = "accommodations"
    HALL = "hall"
    ROOMS = "rooms"
    ROSTERS = "rosters"
    AUDIT = "audit"


class Moment(StrEnum):
    """From when a term is counted."""

    EXAM_END = "exam_end"
    LAST_USE = "last_use"
    CODE_END = "code_end"
    PRACTICE_END = "practice_end"
    CASE_SETTLED = "case_settled"
    DRILL_END = "drill_end"
    UPLOAD = "upload"
    SENT = "sent"
    CASE_DECIDED = "case_decided"
    OBJECTION_DECIDED = "objection_decided"
    GRANT_END = "grant_end"
    NEVER = "never"


class Hold(StrEnum):
    """What stops the destruction of the records that belong to it, for as long as it is open."""

    UNRELEASED = "unreleased"
    CASE = "case"
    OBJECTION = "objection"
    RECHECK = "recheck"
    CORRECTION = "correction"
    MISCONDUCT = "misconduct"
    LATE_FILE = "late_file"
    CERTIFICATE = "certificate"


_ALL_HOLDS = frozenset(Hold)
_NO_HOLDS: frozenset[Hold] = frozenset()

MOST_DAYS = 36_500
"""A hundred years: longer than anybody needs, short enough to be a number of days."""


@dataclass(frozen=True)
class ClassRule:
    """One row of the table. Terms are whole days; `usual` and `least` are 0 for what is kept for good. `source_zh`,
    `source_en`: what bounds the term. The reports name no terms of retention, so the days themselves are this house's
    choice until a department sets its own."""

    zh: str
    en: str
    what_zh: str
    what_en: str
    counted_from: Moment
    usual: int
    least: int
    source_zh: str
    source_en: str
    holds: frozenset[Hold] = _ALL_HOLDS

    @property
    def is_kept_for_good(self) -> bool:
        """Whether it has no term at all."""
        return self.counted_from is Moment.NEVER


# P37 promises 180 days of every record, and years of those of exams and certificates.
_EXAM_RECORD = (
    "考试记录须保存数年，天数为交付时自定",
    "records of exams are kept for years; the number of days is our own",
)
_RECORD = (
    "记录须保存至少 180 天，超出部分为交付时自定",
    "records are kept for 180 days at least; what is beyond is our own",
)
_OWN = ("不属考试记录，天数为交付时自定", "no record of an exam; the number of days is our own")

CLASSES: dict[RecordClass, ClassRule] = {
    RecordClass.RESPONSES: ClassRule(
        "作答记录",
        "Responses",
        "作答日志、当前作答、未收下的作答、带来的作答文件；答卷、成绩和作答散列保留",
        "The journal of responses, what stood last, what was refused, response files; attempt, result and hash remain",
        Moment.EXAM_END,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.FORMS: ClassRule(
        "试卷",
        "Forms",
        "每名考生试卷的内容；编号和散列保留",
        "The content of each candidate's form; its number and hash remain",
        Moment.EXAM_END,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.SIGNALS: ClassRule(
        "异常信号",
        "Signals",
        "考试中的信号、考生的说明、违纪案引用的信号、雷同比对报告",
        "Signals of a sitting, what candidates said of them, those cited in cases, reports of similarity",
        Moment.EXAM_END,
        365,
        180,
        *_RECORD,
    ),
    RecordClass.PHOTOGRAPHS: ClassRule(
        "照片",
        "Photographs",
        "人员照片",
        "Photographs of persons",
        Moment.LAST_USE,
        365,
        180,
        "每年一认证，证书有效至年审后 60 天；天数为交付时自定",
        "certified yearly, valid until 60 days after the review; the number of days is our own",
    ),
    RecordClass.PHONES: ClassRule(
        "手机号",
        "Mobile numbers",
        "人员手机号，仅用于短信通知",
        "Mobile numbers of persons, kept for short messages only",
        Moment.LAST_USE,
        365,
        180,
        "不长于照片的用途；天数为交付时自定",
        "of no use beyond that of the photograph; the number of days is our own",
    ),
    RecordClass.CONSENTS: ClassRule(
        "知情同意与诚信承诺",
        "Consents and declarations",
        "报名时的知情同意、考前的诚信承诺",
        "The consent given at registration, the declaration made before the exam",
        Moment.EXAM_END,
        1825,
        365,
        "不短于所同意处理的记录；天数为交付时自定",
        "not shorter than what was consented to; the number of days is our own",
    ),
    RecordClass.CODES: ClassRule(
        "验证码与登录记录",
        "Codes and log-ins",
        "签到码、打印的一次性验证码、登录地址、锁定浏览器的验证",
        "Check-in codes, printed one-time codes, addresses of log-ins, proofs of the lock-down browser",
        Moment.CODE_END,
        180,
        180,
        *_RECORD,
    ),
    RecordClass.PRACTICE: ClassRule(
        "练习答卷",
        "Practice attempts",
        "练习的试卷和作答；错题本和掌握情况归本人，不在此列",
        "Forms and responses of practice; books of wrong answers and progress are the person's own and stay",
        Moment.PRACTICE_END,
        180,
        30,
        *_OWN,
        _NO_HOLDS,
    ),
    RecordClass.MISCONDUCT: ClassRule(
        "违纪材料",
        "Misconduct files",
        "违纪案的事实、证据、陈述和理由；类别、处理决定和文号保留",
        "Facts, evidence, statement and reasons of a case; its category, ruling and document number remain",
        Moment.CASE_SETTLED,
        1825,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.SCANS: ClassRule(
        "纸质答题卡",
        "Paper sheets",
        "答题卡的扫描件和两次录入",
        "Scans and both keyings of paper sheets",
        Moment.EXAM_END,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.DRILLS: ClassRule(
        "演练报告",
        "Drill reports",
        "考前演练的报告，不含任何人的信息",
        "Reports of drills; they hold nothing of any person",
        Moment.DRILL_END,
        365,
        180,
        *_RECORD,
        _NO_HOLDS,
    ),
    RecordClass.IMPORTS: ClassRule(
        "未办结的导入",
        "Unfinished imports",
        "上传后既未入库也未放弃的试题文件；已办结的导入随即清理",
        "Files of items that were neither committed nor discarded; those that were are cleared away at once",
        Moment.UPLOAD,
        90,
        30,
        *_OWN,
        _NO_HOLDS,
    ),
    RecordClass.NOTICES: ClassRule(
        "站内消息",
        "Inbox notices",
        "站内消息和已发出的通知",
        "Messages of the inbox, and notices that were sent",
        Moment.SENT,
        730,
        180,
        *_RECORD,
    ),
    RecordClass.REVIEWS: ClassRule(
        "审查材料",
        "Clearance findings",
        "经办意见、审批意见、陈述申辩、评审理由；结论、经办人和时间保留",
        "Grounds of opinions, reasons of sign-offs and votes, statements; outcomes, who gave them and when remain",
        Moment.CASE_DECIDED,
        1825,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.OBJECTIONS: ClassRule(
        "公示异议",
        "Objections",
        "异议的内容、提出人的联系方式、处理说明；处理结果保留",
        "What was raised, by whom it can be reached, why it was decided so; the decision remains",
        Moment.OBJECTION_DECIDED,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.EXCUSES: ClassRule(
        "缺考事由",
        "Reasons of absence",
        "缺考事由的证明；事由类别和认定结果保留",
        "What proves a reason; its kind and the decision remain",
        Moment.EXAM_END,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.FAULTS: ClassRule(
        "技术故障",
        "Technical faults",
        "技术故障的经过；原因类别和认定结果保留",
        "What broke and what was tried; the cause and the decision remain",
        Moment.EXAM_END,
        1095,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.ACCOMMODATIONS: ClassRule(
        "合理便利",
        "Accommodations",
        "合理便利及其依据（多涉及健康）；已给的补时在补时记录中",
        "What was granted and why, often a matter of health; time that was granted stands in the ledger",
        Moment.GRANT_END,
        365,
        180,
        *_RECORD,
    ),
    RecordClass.HALL: ClassRule(
        "举手与试题报告",
        "Hands and item reports",
        "考生的举手和答复、试题报告中考生的话、公告送达；试题报告本身保留",
        "Hands and the replies to them, candidates' words on faulty items, receipt of announcements; reports remain",
        Moment.EXAM_END,
        365,
        180,
        *_RECORD,
    ),
    RecordClass.ROOMS: ClassRule(
        "考场记录",
        "Records of rooms",
        "考场记录表的内容、考场异常、监考人员的备注；签字和记录表散列保留",
        "What sitting records say, incidents, notes of invigilators; signatures and the record's hash remain",
        Moment.EXAM_END,
        1825,
        365,
        *_EXAM_RECORD,
    ),
    RecordClass.ROSTERS: ClassRule(
        "报名名单",
        "Registration lists",
        "单位上传的报名名单，含未能报名的人；报名本身保留",
        "Lists that units uploaded, with those who could not be registered; registrations remain",
        Moment.EXAM_END,
        365,
        180,
        *_RECORD,
    ),
    RecordClass.AUDIT: ClassRule(
        "审计日志",
        "Audit log",
        "审计记录和锚点，任何人不能销毁",
        "Audit records and anchors; nobody can destroy them",
        Moment.NEVER,
        0,
        0,
        "审计日志不销毁",
        "the audit log is never destroyed",
        _NO_HOLDS,
    ),
}

TIMED = tuple(one for one, rule in CLASSES.items() if not rule.is_kept_for_good)
"""The classes that have a term."""

OUTLIVES: tuple[tuple[RecordClass, RecordClass], ...] = (
    (RecordClass.FORMS, RecordClass.RESPONSES),
    (RecordClass.CONSENTS, RecordClass.RESPONSES),
    (RecordClass.CONSENTS, RecordClass.SIGNALS),
)
"""Pairs of which the first is kept at least as long as the second: a response says nothing without its form, and that
somebody consented must be provable for as long as there is what they consented to."""

Terms = Mapping[RecordClass, int]
"""Whole days by class, one for each of `TIMED`."""

DELIVERED: Terms = {one: CLASSES[one].usual for one in TIMED}


def check_terms(days: Terms) -> None:
    """Raises Invalid, naming each class, for a term that is missing, out of its bounds, shorter than that of a class
    that it must outlive, or set for what is kept for good."""
    found = [
        FieldProblem(f"days.{one}", "这类记录永久保存。", "These records are kept for good.")
        for one in days
        if one not in TIMED
    ]
    for one in TIMED:
        least = CLASSES[one].least
        if not least <= days.get(one, 0) <= MOST_DAYS:
            zh, en = f"应为 {least} 至 {MOST_DAYS} 天。", f"Between {least} and {MOST_DAYS} days."
            found.append(FieldProblem(f"days.{one}", zh, en))
    for longer, shorter in OUTLIVES:
        if days.get(longer, 0) < days.get(shorter, 0):
            zh = f"不能短于“{CLASSES[shorter].zh}”。"
            en = f"Not shorter than “{CLASSES[shorter].en}”."
            found.append(FieldProblem(f"days.{longer}", zh, en))
    if found:
        raise Invalid(*found)


def due_before(days: int, *, now: datetime) -> datetime:
    """What is counted from this moment or earlier has been kept for its whole term."""
    return now - timedelta(days=days)
