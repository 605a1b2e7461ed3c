"""What no destruction list takes away, table by table, and why. Pure.

A table stands here whose rows stay, even where a class of records takes some columns of theirs; every other table has
its rows in a class. A new table is one or the other: a test over all tables holds it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lasting:
    """Tables that stay for one reason."""

    zh: str
    en: str
    why_zh: str
    why_en: str
    tables: frozenset[str]


def _tables(names: str) -> frozenset[str]:
    return frozenset(names.split())


LASTING: tuple[Lasting, ...] = (
    Lasting(
        "审计日志与销毁记录",
        "Audit log and records of destruction",
        "任何人不能销毁；何人何时销毁了什么，须能查证",
        "nobody can destroy them; who destroyed what, and when, must be provable",
        _tables("audit_record audit_leaf audit_anchor retention_terms destruction_list destruction_entry"),
    ),
    Lasting(
        "人员与机构登记",
        "Register of persons and units",
        "报考资格、持证状态和年审据此判断",
        "eligibility, standing and annual review are judged from it",
        _tables(
            "person person_relation standing_fact training_record register_change unit party_organisation calendar_day"
        ),
    ),
    Lasting(
        "账号与授权",
        "Accounts and rights",
        "谁有权办理、由谁授予，每项决定据此查证；登录地址另按期限清除",
        "every decision is proved by who could make it and who had granted that; addresses of log-ins go by their term",
        _tables("account session role_grant factor_reset promise saved_filter"),
    ),
    Lasting(
        "考试、报名与成绩",
        "Exams, registrations and results",
        "成绩和证书的依据；试卷、作答和各类文字说明另按期限销毁，编号、结果和散列保留",
        "what results and certificates rest on; forms, responses and words go by their terms, and leave numbers, "
        "outcomes and hashes",
        _tables(
            "eligibility_policy exam exam_change sitting room room_proctor registration seating_draw form reserve_form"
            " pool_item attempt granted_time pause responses_destroyed response_file scoring_run result result_release"
            " rescoring rescored_result recheck make_up make_up_entitlement"
        ),
    ),
    Lasting(
        "考试当天的办理",
        "The day of the exam",
        "缺考、违纪、故障、换场等如何认定，须能查证；经过和证明另按期限销毁",
        "how absences, misconduct, faults and switches were decided must be provable; facts and proofs go by their "
        "terms",
        _tables(
            "absence absence_list absence_excuse technical_fault misconduct_case misconduct_proposal misconduct_witness"
            " room_day room_incident sitting_record record_signature record_waiver room_switch paper_order paper_sheet"
            " lockdown_waiver lockdown_file browser_exam_key announcement canned_reply item_report item_decision"
        ),
    ),
    Lasting(
        "审查结论与公示",
        "Outcomes of clearance and public notices",
        "证书的签发依据；意见和理由另按期限销毁",
        "what certificates are issued on; findings and reasons go by their term",
        _tables(
            "clearance_case clearance_check opinion sign_off statement joint_review public_notice notice_entry"
            " objection"
        ),
    ),
    Lasting(
        "证书登记簿",
        "Register of certificates",
        "证书的核验、重建和状态变更永远可查",
        "certificates can be verified and rebuilt, and every change of their state proved, at any time",
        _tables("certificate certificate_act certificate_batch batch_entry number_counter signing_key"),
    ),
    Lasting(
        "题库",
        "Item bank",
        "不含考生信息；谁命题、审题、导入或导出，命题人员回避据此判断",
        "holds nothing of candidates; who wrote, reviewed, imported or exported an item decides who may not sit",
        _tables(
            "bank bank_export bank_import bank_picture best_form blueprint blueprint_alert bulk_act citation document"
            " document_clause document_name enemy_pair item item_calibration item_comment item_involvement item_review"
            " item_tag item_thread item_usage item_version mock_exam mock_pool_item near_check near_group picture"
            " review_assignment topic"
        ),
    ),
    Lasting(
        "错题本与掌握情况",
        "Books of wrong answers and progress",
        "归本人，供其继续练习，不作考试记录",
        "a person's own, to practise on; no record of an exam",
        _tables("wrong_item topic_progress"),
    ),
    Lasting(
        "系统运行",
        "Workings of the service",
        "后台作业、限速计数、实例报告和重复提交的应答，只有编号；计数、报告和应答由系统自行清理",
        "jobs, counters, reports of instances, answers to repeated submissions: numbers only; all but jobs are cleared "
        "away by the service itself",
        _tables("job throttle instance repeated_write"),
    ),
)
