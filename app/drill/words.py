"""What the rules of a drill, its limits and its states are called, and how a figure is written."""

from app.drill.rules import DrillState, Limit, Rule

RULE_WORDS: dict[Rule, tuple[str, str]] = {
    Rule.NOTHING_LOST: ("已确认而丢失或未计分的作答", "Acknowledged responses lost or not scored"),
    Rule.SCORED: ("得分与按题库规则重算不一致的考生", "Candidates scored otherwise than the rules give"),
    Rule.CLOSED: ("考试结束后没有收卷的考生", "Attempts not closed after the bell"),
    Rule.ERRORS: ("出错的请求", "Requests that failed"),
    Rule.SIGN_IN: ("报到用时 p99", "Sign-in, p99"),
    Rule.START: ("开考用时 p99", "Start, p99"),
    Rule.SAVE: ("保存用时 p99", "Save, p99"),
    Rule.HAND_IN: ("交卷用时 p99", "Hand-in, p99"),
    Rule.CLOSING: ("考试结束到全部收卷", "From the bell until all are closed"),
    Rule.CLOCK: ("各实例时钟的最大偏差", "Largest clock offset"),
    Rule.FSYNC: ("最小落盘写入用时 p99", "Smallest durable write, p99"),
    Rule.DISK: ("磁盘剩余空间", "Free disk space"),
    Rule.CONNECTIONS: ("最忙时剩余的数据库连接", "Database connections left at the fullest moment"),
    Rule.CAPACITY: ("承受的保存速率", "Rate of saves that was borne"),
    Rule.FRONT: ("对外地址的问题", "Faults of the public address"),
    Rule.PRODUCTION: ("演练前后不一致的正式数据表", "Production tables that changed"),
}
LIMIT_WORDS: dict[Limit, tuple[str, str]] = {
    Limit.NOT_REACHED: ("加压到最后一级仍未到上限", "it bore every step: its limit lies higher"),
    Limit.GENERATOR: (
        "模拟考生的程序先到上限，系统还能承受更多",
        "the load itself gave out: the service may bear more",
    ),
    Limit.CONNECTIONS: ("数据库连接不够", "the database ran out of connections"),
    Limit.PROCESS: ("服务进程占满一个处理器核，可增加实例", "a serving process filled its core: add an instance"),
    Limit.MACHINE: ("本机处理器全部占满，可增加机器", "every core of this machine was busy: add a machine"),
    Limit.COMMITS: ("数据库落盘变慢，请检查磁盘", "durable writes slowed down: look at the disk"),
    Limit.UNKNOWN: ("未能判明，请看各级数据", "it cannot be told from these figures; see the steps"),
}
STATE_WORDS: dict[DrillState, tuple[str, str]] = {
    DrillState.UNDER_WAY: ("进行中", "Under way"),
    DrillState.GO: ("可以开考", "Go"),
    DrillState.NO_GO: ("不可开考", "No-go"),
    DrillState.CANCELLED: ("已取消", "Cancelled"),
    DrillState.BROKEN: ("中断，没有判定", "Broke off"),
}
_DURATIONS = frozenset({Rule.SIGN_IN, Rule.START, Rule.SAVE, Rule.HAND_IN, Rule.CLOSING, Rule.CLOCK, Rule.FSYNC})
_AT_LEAST = frozenset({Rule.DISK, Rule.CONNECTIONS, Rule.CAPACITY})


def duration(microseconds: int) -> str:
    """A time as a person reads it: "12.3 ms", "1.25 s"."""
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1_000_000:.2f} s"


def amount(rule: Rule, value: int) -> str:
    """What a rule found or asks for, with its unit, the same in both languages."""
    if rule in _DURATIONS:
        return duration(value)
    if rule is Rule.DISK:
        return f"{value / 1024:.1f} GB"
    return f"{value} /s" if rule is Rule.CAPACITY else str(value)


def limit(rule: Rule, value: int) -> str:
    """What a rule asks for: "≤ 1.00 s", "≥ 5"."""
    return f"{'≥' if rule in _AT_LEAST else '≤'} {amount(rule, value)}"
