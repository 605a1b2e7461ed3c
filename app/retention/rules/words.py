"""The words of retention: moments, holds, and what the numbers on a list are numbers of. Pure."""

from app.retention.rules.classes import Hold, Moment

MOMENT_WORDS: dict[Moment, tuple[str, str]] = {
    Moment.EXAM_END: ("考试最后一场结束", "the end of the last sitting of the exam"),
    Moment.LAST_USE: (
        "本人最后一次报名的考试结束、证书有效期届满（取较晚者）",
        "the end of the last exam that the person registered for, or of their certificate, whichever is later",
    ),
    Moment.CODE_END: ("登录结束、验证码用完或失效", "the end of the log-in, or of the code"),
    Moment.PRACTICE_END: ("练习结束", "the end of the practice"),
    Moment.CASE_SETTLED: (
        "违纪处理决定作出、禁考期满（取较晚者）",
        "the ruling, or the end of the bar, whichever is later",
    ),
    Moment.DRILL_END: ("演练结束", "the end of the drill"),
    Moment.UPLOAD: ("文件上传", "the upload"),
    Moment.SENT: ("消息发出", "the sending"),
    Moment.CASE_DECIDED: (
        "审查案办结、证书有效期届满（取较晚者）",
        "the decision on the case, or the end of the certificate, whichever is later",
    ),
    Moment.OBJECTION_DECIDED: ("异议处理完毕", "the decision on the objection"),
    Moment.GRANT_END: (
        "合理便利失效、本人最后一次报名的考试结束（取较晚者）",
        "the end of the accommodation, or of the last exam that the person registered for, whichever is later",
    ),
    Moment.NEVER: ("永久保存", "kept for good"),
}

HOLD_WORDS: dict[Hold, tuple[str, str]] = {
    Hold.UNRELEASED: ("成绩尚未公布", "Results not released"),
    Hold.CASE: ("审查案未办结", "Clearance case open"),
    Hold.OBJECTION: ("公示异议未处理", "Objection open"),
    Hold.RECHECK: ("成绩复核未答复", "Recheck unanswered"),
    Hold.CORRECTION: ("试题更正未办结", "Item correction open"),
    Hold.MISCONDUCT: ("违纪案未办结", "Misconduct case open"),
    Hold.LATE_FILE: ("迟到的作答文件未处理", "Late file undecided"),
    Hold.CERTIFICATE: ("证书暂停中", "Certificate suspended"),
}

SUBJECT_WORDS: dict[str, tuple[str, str]] = {
    "responses": ("报名", "Registration"),
    "forms": ("试卷", "Form"),
    "signals": ("报名", "Registration"),
    "similarity": ("比对报告", "Report"),
    "photographs": ("人员", "Person"),
    "phones": ("人员", "Person"),
    "consents": ("报名", "Registration"),
    "codes": ("人员", "Person"),
    "practice": ("练习答卷", "Practice attempt"),
    "misconduct": ("违纪案", "Misconduct case"),
    "sheets": ("报名", "Registration"),
    "drills": ("演练", "Drill"),
    "imports": ("导入", "Import"),
    "notices": ("人员", "Person"),
    "reviews": ("审查案", "Clearance case"),
    "objections": ("异议", "Objection"),
    "excuses": ("报名", "Registration"),
    "faults": ("报名", "Registration"),
    "accommodations": ("人员", "Person"),
    "hall": ("报名", "Registration"),
    "notes": ("报名", "Registration"),
    "rooms": ("考场", "Room"),
    "rosters": ("报名名单", "Registration list"),
}
"""What the numbers of a holding's subjects are numbers of, by its name."""
