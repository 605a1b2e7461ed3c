"""What a check of the log found: the verdict, the kinds of tampering, and the sentence that says so. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Tampering(StrEnum):
    """The ways in which a log can have been touched (P36), as far as they can be told apart."""

    EDIT = "edit"
    DELETE = "delete"
    INSERT = "insert"
    REORDER = "reorder"
    TAIL_CUT = "tail_cut"
    TOTAL_DELETION = "total_deletion"
    REHASH = "rehash"
    FORK = "fork"
    OLD_BACKUP = "old_backup"
    ANCHORS_MISSING = "anchors_missing"
    ANCHORS_ALTERED = "anchors_altered"
    UNREADABLE = "unreadable"


_SENTENCES = {
    Tampering.EDIT: ("记录内容被修改", "a record was edited"),
    Tampering.DELETE: ("记录被删除", "a record was deleted"),
    Tampering.INSERT: ("插入了不属于此处的记录", "a record was inserted that does not belong there"),
    Tampering.REORDER: ("记录顺序被调换", "records were reordered"),
    Tampering.TAIL_CUT: ("日志末尾被截断", "the end of the log was cut off"),
    Tampering.TOTAL_DELETION: ("日志被全部删除", "the whole log was deleted"),
    Tampering.REHASH: ("记录被修改且散列链被重算", "records were changed and the chain hashed again"),
    Tampering.FORK: ("日志出现分叉：同一位置有两份签名的历史", "the log has forked: two signed histories of one place"),
    Tampering.OLD_BACKUP: (
        "数据库早于外部最新锚点：恢复了旧备份且未作说明",
        "the database is older than the newest anchor outside: an old backup was restored and not explained",
    ),
    Tampering.ANCHORS_MISSING: (
        "外部锚点文件不存在，任何记录都无法证实",
        "the file of anchors outside is missing: no record can be vouched for",
    ),
    Tampering.ANCHORS_ALTERED: ("锚点被改动，或签名无法验证", "anchors were altered, or a signature does not verify"),
    Tampering.UNREADABLE: ("导出文件不完整或无法读取", "the export is incomplete or cannot be read"),
}


@dataclass(frozen=True)
class Gap:
    """An explained gap: by which anchor, and which leaves (from, up to but not including) were lost."""

    anchor_id: int
    at: str
    lost_from: int
    lost_to: int


@dataclass(frozen=True)
class Finding:
    """One thing wrong, and the first place that shows it; None where there is no such place."""

    kind: Tampering
    record_id: int | None = None
    leaf_index: int | None = None
    anchor_id: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The outcome: `finding` is None where the log stands as it was anchored."""

    finding: Finding | None
    sealed: int = 0
    unsealed: int = 0
    newest_anchor: int | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the log verifies."""
        return self.finding is None

    def sentence(self, lang: str) -> str:
        """What was found, with the first bad record, in `lang` ("zh" or "en")."""
        english = lang == "en"
        if self.finding is None:
            return (
                f"The audit log verifies: {self.sealed} records sealed under anchor {self.newest_anchor},"
                f" {self.unsealed} not sealed yet, {len(self.gaps)} explained gaps."
                if english
                else f"审计日志验证通过：{self.sealed} 条记录已封存（锚点 {self.newest_anchor}），"
                f"{self.unsealed} 条待封存，{len(self.gaps)} 处已说明的缺口。"
            )
        places = [
            (self.finding.record_id, "首条异常记录", "first bad record"),
            (self.finding.leaf_index, "日志位置", "place in the log"),
            (self.finding.anchor_id, "锚点", "anchor"),
            (self.finding.line, "导出文件行", "line of the export"),
        ]
        named = [f"{en if english else zh} {value}" for value, zh, en in places if value is not None]
        what = _SENTENCES[self.finding.kind][1 if english else 0]
        if english:
            return f"The audit log does NOT verify ({self.finding.kind}): {'; '.join([what, *named])}."
        return f"审计日志验证不通过（{self.finding.kind}）：{'；'.join([what, *named])}。"
