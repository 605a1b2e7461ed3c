"""Rules of registering: who may enter whom, and the privacy notice that every registration rests on."""

import hashlib
from datetime import datetime
from enum import StrEnum

from app.errors import Conflict, Forbidden


class RegistrationWay(StrEnum):
    """How persons come into an exam; chosen when it is planned."""

    UNIT = "unit"
    """The unit enters its people."""
    PERSON = "person"
    """Persons enter themselves; the department confirms."""
    BOTH = "both"
    """The unit or the person enters; what a person enters their unit endorses before the department confirms."""


class Enterer(StrEnum):
    """Who enters."""

    UNIT = "unit"
    PERSON = "person"


class WayClosed(Conflict):
    """The exam is entered another way."""

    code = "registration.way_closed"
    zh = "本次考试不按此方式报名。"
    en = "This exam is not entered in this way."


class EndorsementOver(Conflict):
    """The unit's time to endorse has passed."""

    code = "registration.endorsement_over"
    zh = "单位推荐的截止时间已过。"
    en = "The time for units to endorse has passed."


class OwnApplication(Forbidden):
    """Nobody endorses their own application."""

    code = "registration.own_application"
    zh = "不能推荐或不予推荐本人的报名，请由本单位其他联络员办理。"
    en = "One does not decide on one's own application; another liaison of the unit does."


class ConsentNeeded(Forbidden):
    """Whoever was entered by their unit accepts the notice before the waiting room."""

    code = "registration.consent_needed"
    zh = "进入候考前，请先阅读并同意报名与个人信息告知书。"
    en = "Please read and accept the privacy notice before you enter the waiting room."
    first = "/consent"


class ConsentChanged(Conflict):
    """The notice has other words than those that were read."""

    code = "registration.consent_changed"
    zh = "告知书文本已更新，请重新阅读后同意。"
    en = "The notice has new words; please read it again."


_FIRST: tuple[tuple[str, str], ...] = (
    (
        "为组织考试、审查和发证，本系统处理您的姓名、身份证号、照片、单位、职务、政治面貌，以及作答和成绩。",
        (
            "To hold the exam, the clearance and the issue of certificates, this service handles your name, "
            "ID number, photograph, unit, post, political status, your responses and your result."
        ),
    ),
    (
        "身份证号和审查意见加密保存，页面上只显示末几位；每次查看完整号码都有记录。",
        "ID number and findings are stored encrypted and shown masked; every look at the whole number is recorded.",
    ),
    (
        "成绩合格的，身份信息提供给参加综合评审的纪检、公安等部门；不提供答卷。",
        (
            "If you pass, your identity is given to the offices of the joint review, discipline inspection "
            "and public security among them; your responses are not."
        ),
    ),
    (
        "拟发证人员的姓名和单位按规定公示。",
        "The names and units of those about to be certified are shown publicly, as the rules ask.",
    ),
    (
        "考试记录和证书记录按规定的期限保存，期满后删除或去除个人信息。",
        "Records of exams and certificates are kept as long as the rules ask, then deleted or made anonymous.",
    ),
    (
        "您可以向本单位或组织部门查询、更正自己的信息；不同意的，可以在报名截止前撤回报名。",
        (
            "You may ask your unit or the department to see and correct what is kept of you; if you do not "
            "agree, you may withdraw until registration closes."
        ),
    ),
)
_SIGNALS = (
    (
        "考试期间，按该场考试公布的监督要求，记录进入被拒绝的情况、离开答题页面和退出全屏的次数和时长、网络地址的变化；"
        "不记录按键内容，不使用摄像头和麦克风。这些记录只作参考，系统不据此收卷、扣分，您可以查看并作出说明。"
    ),
    (
        "During the exam, as closely as it was announced to look, the service records that an entry was refused, how "
        "often and how long the page or the full screen was left, and that the network address changed; no keys, no "
        "camera, no microphone. Such records are evidence alone: nothing is closed or scored by them, and you may see "
        "and answer them."
    ),
)
NOTICES: dict[int, tuple[tuple[str, str], ...]] = {1: _FIRST, 2: (*_FIRST[:2], _SIGNALS, *_FIRST[2:])}
"""Every version of the notice that was ever shown, each paragraph in Chinese and English; its words never change."""
CURRENT = max(NOTICES)


def digest_of(version: int) -> str:
    """SHA-256 (hex) of a version's words in both languages: what the audit record commits to."""
    return hashlib.sha256("\n".join(word for pair in NOTICES[version] for word in pair).encode()).hexdigest()


def check_version(version: int) -> None:
    """Raises ConsentChanged where `version` is not the one that is asked now."""
    if version != CURRENT:
        raise ConsentChanged


def check_way(way: RegistrationWay, enterer: Enterer) -> None:
    """Raises WayClosed where an exam entered this way is not entered by them."""
    if way is not RegistrationWay.BOTH and way.value != enterer.value:
        raise WayClosed


def check_endorsement(closes_at: datetime | None, *, endorser: int | None, applicant: int, now: datetime) -> None:
    """Raises OwnApplication where the natural person who decides is the applicant, EndorsementOver after the hour."""
    if endorser == applicant:
        raise OwnApplication
    if closes_at is not None and now >= closes_at:
        raise EndorsementOver
