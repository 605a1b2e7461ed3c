"""Every kind of message with its words in both languages, and where it leads. Words of a kind never change their
placeholders: older messages are shown by them too.

To add a kind: one member, one entry. Parameters are ids, names of exams, numbers, dates as 2026-11-21; never an
identity number, a finding, or whether somebody passed (P18, P46): the inbox says that there is news, the page it leads
to says what.
"""

from enum import StrEnum

from app.outbox.rules import Template


class Kind(StrEnum):
    """What a message is about; the value is stored."""

    REGISTRATION_CONFIRMED = "registration_confirmed"
    REGISTRATION_REFUSED = "registration_refused"
    TICKET_READY = "ticket_ready"
    TICKET_VOID = "ticket_void"
    SEATS_CHANGED = "seats_changed"
    EXAM_POSTPONED = "exam_postponed"
    EXAM_CANCELLED = "exam_cancelled"
    MAKE_UP_DUE = "make_up_due"
    ACCOMMODATION_MOVED = "accommodation_moved"
    RESPONSES_MERGED = "responses_merged"
    RESPONSES_HELD = "responses_held"
    RESPONSES_ACCEPTED = "responses_accepted"
    RESPONSES_REFUSED = "responses_refused"
    MISCONDUCT_RECORDED = "misconduct_recorded"
    MISCONDUCT_NOTIFIED = "misconduct_notified"
    MISCONDUCT_SETTLED = "misconduct_settled"
    TECHNICAL_FAULT_DECIDED = "technical_fault_decided"
    RESULTS_RELEASED = "results_released"
    RESULT_CORRECTED = "result_corrected"
    RECHECK_ANSWERED = "recheck_answered"
    STATEMENT_INVITED = "statement_invited"
    CERTIFICATE_ISSUED = "certificate_issued"
    CERTIFICATE_MOVED = "certificate_moved"
    CERTIFICATE_ENDING = "certificate_ending"
    CERTIFICATES_ENDING = "certificates_ending"
    ITEM_DISCUSSED = "item_discussed"
    REVIEW_ASSIGNED = "review_assigned"
    REVIEW_MOVED = "review_moved"


TEMPLATES: dict[str, Template] = {
    Kind.REGISTRATION_CONFIRMED: Template(
        "报名已确认",
        "Registration confirmed",
        "{exam}的报名已确认。考场和座位在封卷后安排，请留意首页。",
        "Your registration for {exam} is confirmed. Room and seat follow once the exam is sealed; see your home page.",
        "/way",
    ),
    Kind.REGISTRATION_REFUSED: Template(
        "报名未通过",
        "Registration refused",
        "{exam}的报名未通过，原因见“我的报名”。",
        "Your registration for {exam} was refused; the page of your registrations says why.",
        "/registrations",
    ),
    Kind.TICKET_READY: Template(
        "可以打印准考证",
        "Your ticket can be printed",
        "{exam}的准考证可以打印了，{until}截止；也可由本单位统一打印。请核对考场、座位和时间。",
        "Your admission ticket for {exam} can be printed until {until}; your unit can print it, too. "
        "Please check room, seat and times.",
        "/exams/{exam_id}/ticket",
    ),
    Kind.TICKET_VOID: Template(
        "已打印的准考证作废",
        "Your printed ticket is void",
        "{exam}的座位已重抽，您的考场或座位有变动，此前打印的准考证作废，请重新打印。准考证号不变。",
        "The seats of {exam} were drawn again and yours has changed: the ticket that was printed is void. Please print "
        "it anew; its number stays.",
        "/exams/{exam_id}/ticket",
    ),
    Kind.SEATS_CHANGED: Template(
        "座位有变动",
        "Seats changed",
        "{exam}的座位已重抽，以重抽后的座位为准，请查看。准考证号不变；已打印的准考证请重新打印。",
        "The seats of {exam} were drawn again and the new ones count. Ticket numbers stay; please print tickets anew.",
        "/way",
    ),
    Kind.ACCOMMODATION_MOVED: Template(
        "合理便利有变动",
        "Your accommodation changed",
        "您的合理便利已批准或有变动，适用的各场考试在“我的考试”中写明。",
        "Your accommodation was approved or has changed; the page of your exams says what applies to each.",
        "/sittings",
    ),
    Kind.RESPONSES_MERGED: Template(
        "作答文件已并入答卷",
        "Your response file is merged",
        "{exam}：监考员上传的作答文件已在截止前收到，并入答卷。",
        "{exam}: the response file that the proctor brought in came in time and is part of your attempt.",
        "/way",
    ),
    Kind.RESPONSES_HELD: Template(
        "作答文件已收下，待决定",
        "Your response file waits for a decision",
        "{exam}：监考员上传的作答文件晚于收卷，已封存，由两人决定是否采用，结果另行通知。",
        "{exam}: the response file came after the end. It is held; two people decide on it, and you will be told.",
        "/way",
    ),
    Kind.RESPONSES_ACCEPTED: Template(
        "作答文件已采用",
        "Your response file is accepted",
        "{exam}：迟到的作答文件经两人决定予以采用，已并入答卷。",
        "{exam}: two people decided to accept the late response file; it is part of your attempt.",
        "/way",
    ),
    Kind.RESPONSES_REFUSED: Template(
        "作答文件未采用",
        "Your response file is not accepted",
        "{exam}：迟到的作答文件经两人决定不予采用，答卷以收卷时的内容为准。如有异议，请联系考务员。",
        "{exam}: two people decided not to accept the late response file; your attempt stands as it was taken. "
        "If you disagree, please speak to the exam officer.",
        "/way",
    ),
    Kind.EXAM_POSTPONED: Template(
        "考试延期",
        "Exam postponed",
        "{exam}延期至{starts}开考。准考证号和座位不变，已打印的准考证请重新打印。",
        "{exam} is postponed and begins at {starts}. Ticket number and seat stay; please print your ticket anew.",
        "/way",
    ),
    Kind.EXAM_CANCELLED: Template(
        "考试取消",
        "Exam cancelled",
        "{exam}已取消，请勿前往考场。后续安排另行通知。",
        "{exam} is cancelled; please do not go to the room. You will be told what follows.",
        "/way",
    ),
    Kind.MAKE_UP_DUE: Template(
        "可以参加补考",
        "A make-up exam is due to you",
        "{exam}：您可以参加补考，事由见“我的进程”。补考安排确定后为您报名，另行通知。",
        "{exam}: a make-up exam is due to you; the page of your way says why. You will be entered and told when it is.",
        "/way",
    ),
    Kind.MISCONDUCT_RECORDED: Template(
        "考场情况记录",
        "A record from the room",
        "{exam}：监考员作了一份涉及您的考场情况记录，请查看。签字只表示已阅。",
        "{exam}: a proctor has made a record that concerns you; please read it. Signing says that you did, no more.",
        "/own-misconduct",
    ),
    Kind.MISCONDUCT_NOTIFIED: Template(
        "违纪处理告知书",
        "Notice of a misconduct case",
        "{exam}：告知书已发出，{until}以前可以陈述申辩，逾期视为放弃。",
        "{exam}: a notice is given. You may make a statement until {until}; after that the right lapses.",
        "/own-misconduct",
    ),
    Kind.MISCONDUCT_SETTLED: Template(
        "违纪记录已有决定",
        "A misconduct case is decided",
        "{exam}：考场情况记录已作出决定，请查看。",
        "{exam}: the record from the room is decided on; please see what follows.",
        "/own-misconduct",
    ),
    Kind.TECHNICAL_FAULT_DECIDED: Template(
        "技术故障已有认定结论",
        "A technical fault is decided",
        "{exam}：监考员报告您的答卷遇到技术故障，认定结论见“我的进程”。",
        "{exam}: it was reported that a technical fault hit your attempt; the page of your way says what was decided.",
        "/way",
    ),
    Kind.RESULTS_RELEASED: Template(
        "成绩已公布",
        "Results released",
        "{exam}的成绩已公布，请查看。",
        "The results of {exam} are released.",
        "/way",
    ),
    Kind.RESULT_CORRECTED: Template(
        "成绩已更正",
        "Your result was corrected",
        "{exam}：试题更正后，您的成绩有变动，请查看。",
        "{exam}: an item was corrected, and your result has changed; please look.",
        "/way",
    ),
    Kind.RECHECK_ANSWERED: Template(
        "成绩复核已有答复",
        "Your recheck is answered",
        "{exam}：您申请的成绩复核已办结，请查看答复。",
        "{exam}: the recheck that you asked for is done; please read the answer.",
        "/own-rechecks",
    ),
    Kind.STATEMENT_INVITED: Template(
        "请陈述申辩",
        "You may make a statement",
        "审查中有一项拟作出不利结论。{until}以前可以陈述申辩，逾期视为放弃。",
        "A check is about to end adversely. You may make a statement until {until}; after that the right lapses.",
        "/statements",
    ),
    Kind.CERTIFICATE_ISSUED: Template(
        "证书已签发",
        "Certificate issued",
        "资格证（{number}）已签发，可下载证书和电子凭证。",
        "Your certificate ({number}) is issued; document and credential can be downloaded.",
        "/way",
    ),
    Kind.CERTIFICATE_MOVED: Template(
        "证书状态有变动",
        "Your certificate's status changed",
        "资格证（{number}）的状态已变动，请查看。",
        "The status of your certificate ({number}) has changed.",
        "/way",
    ),
    Kind.CERTIFICATE_ENDING: Template(
        "证书即将到期",
        "Your certificate ends soon",
        "资格证（{number}）有效期至{until}，到期后不再有效。年审和考试安排另行通知，也可向本单位联络员了解。",
        "Your certificate ({number}) is valid until {until} and not after. You will be told of the annual review and "
        "of exams; your unit's liaison can say more.",
        "/way",
    ),
    Kind.CERTIFICATES_ENDING: Template(
        "有证书即将到期",
        "Certificates end soon",
        "您负责的单位有 {count} 张证书将在 {days} 天内到期，已通知本人，请安排年审或考试。",
        "{count} certificates of your units end within {days} days. Their holders are told; please see to review or "
        "exam.",
        "/",
    ),
    Kind.ITEM_DISCUSSED: Template(
        "试题讨论有新进展",
        "News in a thread about an item",
        "试题 {item} 的讨论有新的意见，或已办结、重新打开。",
        "Something was said in a thread about item {item}, or the thread was settled or reopened.",
        "/items/{item}",
    ),
    Kind.REVIEW_ASSIGNED: Template(
        "请审题",
        "Items to review",
        "有 {count} 道试题指派给您审题。",
        "{count} items are assigned to you for review.",
        "/reviews?assigned=mine",
    ),
    Kind.REVIEW_MOVED: Template(
        "审题指派有变动",
        "An assignment has changed",
        "试题 {item} 的审题已收回，或改由他人办理，不必再审。",
        "Item {item} was taken back or is reviewed by somebody else now; you need not review it.",
        "/reviews?assigned=mine",
    ),
}

UNKNOWN = Template("通知", "Notice", "此通知的格式已停用。", "This kind of notice is no longer in use.", "/")


def template_of(kind: str) -> Template:
    """The words of a kind; a plain notice where no release knows it any more."""
    return TEMPLATES.get(kind, UNKNOWN)
