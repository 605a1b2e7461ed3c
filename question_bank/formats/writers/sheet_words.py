"""What our workbooks say beside the items: comments on the columns, notes."""

from question_bank.formats.table_headers import Column, Role
from question_bank.formats.writers.families import Family
from question_bank.items import ItemType
from question_bank.wording import Wording

_COMMENTS = {
    Role.TYPE: Wording(
        "从下拉列表选择；不写的按选项和答案判断。", "Choose from the list; left empty, options and key tell."
    ),
    Role.STEM: Wording(
        "必填。填空题用（　）或 ____ 表示空。", "Required. Mark the blanks of a fill-in item by ( ) or ____."
    ),
    Role.OPTION: Wording(
        "一格一个选项，不写字母。判断题和填空题不填。",
        "One option in a cell, without its letter. Not for true/false and blanks.",
    ),
    Role.KEY: Wording(
        "必填。单选 B，多选 ABD，判断 对/错；填空各空用 | 隔开，可接受的写法用；隔开；排序按正确顺序写字母。",
        "Required. B; ABD; 对 or 错 (true, false); blanks divided by |, variants by ;; letters in their right order.",
    ),
    Role.TOLERANCE: Wording(
        "可不填。如 0.5（与答案同单位）或 2%（答案的百分之二）。",
        "May be empty. 0.5 in the unit of the key, or 2% of the key.",
    ),
    Role.POINT: Wording(
        "一格一个要点，后面写分值和关键词，如 说明原因（3分；关键词：整数、闰日）。",
        "One point in a cell with its marks and keywords: Gives the reason（3分；关键词：whole, leap）.",
    ),
    Role.PREMISE: Wording(
        "左边一项，与同号的“右”配对。", "What stands on the left; it belongs to the match of the same number."
    ),
    Role.COUNTERPART: Wording(
        "右边一项；没有同号“左”的是干扰项。",
        "What stands on the right; without a premise of its number it is a distractor.",
    ),
    Role.CONDITIONS: Wording("可不填。地点、工具、时间等。", "May be empty. Place, tools, time."),
    Role.CASE: Wording(
        "必填。一行一个小题，编号相同的相邻行是同一个案例。",
        "Required. A row for each part; neighbouring rows with one number are one case.",
    ),
    Role.CASE_TITLE: Wording("只写在案例的第一行。", "In the first row of the case only."),
    Role.STIMULUS: Wording("必填。只写在案例的第一行。", "Required, in the first row of the case only."),
    Role.SHARE: Wording("小题占案例分值的比例，不写为 1。", "What the part counts beside the others; 1 if empty."),
    Role.TOPIC: Wording("每级一列；案例写在第一行。", "A column for each level; of a case in its first row."),
    Role.TAGS: Wording("几个标签用顿号隔开。", "Several tags are divided by commas."),
    Role.BASIS: Wording("文件名称，如《中国共产党章程》。", "The document, such as 《中国共产党章程》."),
    Role.CLAUSE: Wording("如 第三十条。", "Such as 第三十条 (article 30)."),
}
_OF_FAMILY = {
    (ItemType.NUMERIC, Role.KEY): Wording(
        "必填。数和单位，如 37.5元。", "Required. A number with its unit: 37.5 yuan."
    ),
    (ItemType.SHORT_ANSWER, Role.KEY): Wording("参考答案，供阅卷人使用。", "A model answer for those who mark."),
    (ItemType.PRACTICAL, Role.POINT): Wording(
        "必填。一格一个步骤或要点，后面写分值，如 先清盘（2分）。",
        "Required. One step in a cell, with its marks: Clears the abacus（2分）.",
    ),
}


def comment_on(column: Column, family: Family) -> Wording | None:
    """What a column of the sheet takes; of several columns of a kind only the first says it."""
    if column.index:
        return None
    return _OF_FAMILY.get((family.types[0], column.role)) or _COMMENTS.get(column.role)


NOTES = (
    Wording(
        "每种题型写在自己的工作表里，用不到的工作表可以删除。一行一道试题；第一行是列名，请保留，列的顺序可以调整。",
        "Each type has its sheet; sheets you do not need may be deleted. One item in a row; keep the row of headers; "
        "the columns may be moved.",
    ),
    Wording("示例行（斜体）上传前请删除。", "Delete the example rows (in italics) before you upload."),
    Wording(
        "所有单元格已设为文本，数字、日期按所写保留。",
        "All cells are text: numbers and dates stay as they are written.",
    ),
    Wording(
        "难度不写为适中，等级不写为初级；上传后可以对整个文件统一设定。",
        "Without a difficulty it is medium, without a level primary; both can be set for the whole file afterwards.",
    ),
    Wording(
        "案例分析题一行一个小题，材料编号相同；材料、知识点和依据只写在第一行。选项、采分点等列不够时，可按“选项G”“采分点7”“左6”添加。",
        "A case takes a row for each part under one case number; its text, topic and basis stand in the first row. "
        "Where columns do not suffice, add Option G, Scoring point 7, Premise 6 and so on.",
    ),
    Wording(
        "上传后先预览，确认之前题库没有任何变化。",
        "An upload is shown first; nothing enters the bank before you confirm.",
    ),
)

MARKED_NOTES = (
    Wording(
        "黄色单元格存疑，批注写明原因和原文件中的位置。",
        "Yellow cells are doubtful; their comments say why, and where they stood in the file.",
    ),
    Wording(
        "改好后可以直接上传本文件；原导入请放弃，以免重复。",
        "Mend them and upload this very file; discard the import it came from.",
    ),
    Wording(
        "以下是没有读成试题、需要在原文件中处理的内容：", "What could not be read, or does not fit into a row, follows:"
    ),
)
