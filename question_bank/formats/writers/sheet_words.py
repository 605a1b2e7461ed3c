"""What our workbooks say beside the items: comments, example rows, notes."""

from question_bank.formats.table_headers import Role
from question_bank.wording import Wording

COMMENTS = {
    Role.TYPE: Wording(
        "从下拉列表选择；不写的按选项和答案判断。", "Choose from the list; left empty, options and key tell."
    ),
    Role.STEM: Wording(
        "必填。填空题用（　）或 ____ 表示空。", "Required. Mark the blanks of a fill-in item by ( ) or ____."
    ),
    Role.OPTION: Wording(
        "一格一个选项，不写字母。判断题、填空题和简答题不填。",
        "One option in a cell, without its letter. Not for true/false, blanks and short answers.",
    ),
    Role.KEY: Wording(
        "必填。单选 B，多选 ABD，判断 对/错；填空各空用 | 隔开，可接受的写法用；隔开；"
        "计算写数和单位；排序按正确顺序写字母。",
        "Required. B; ABD; 对 or 错 (true, false); blanks divided by |, variants by ;; a number with its unit; "
        "letters in their right order.",
    ),
    Role.TOPIC: Wording("最多三级，每级一列。", "Up to three levels, a column each."),
    Role.TAGS: Wording("几个标签用顿号隔开。", "Several tags are divided by commas."),
    Role.BASIS: Wording("文件名称，如《中国共产党章程》。", "The document, such as 《中国共产党章程》."),
    Role.CLAUSE: Wording("如 第三十条。", "Such as 第三十条 (article 30)."),
}


def _same(text: str) -> Wording:
    return Wording(text, text)


_EASY, _MEDIUM = Wording("较易", "Easy"), Wording("适中", "Medium")
_PRIMARY = Wording("初级", "Primary")
_TOPIC = {(Role.TOPIC, 0): Wording("示例", "Examples"), (Role.TOPIC, 1): Wording("算术", "Arithmetic")}

EXAMPLES: tuple[dict[tuple[Role, int], Wording], ...] = (
    {
        (Role.TYPE, 0): Wording("单选题", "Single choice"),
        (Role.STEM, 0): Wording(
            "【示例，上传前请删除】一周有几天？", "[Example, delete before upload] How many days has a week?"
        ),
        (Role.OPTION, 0): Wording("五天", "five"),
        (Role.OPTION, 1): Wording("七天", "seven"),
        (Role.OPTION, 2): Wording("十天", "ten"),
        (Role.KEY, 0): _same("B"),
        (Role.EXPLANATION, 0): Wording("一周七天。", "A week has seven days."),
        (Role.DIFFICULTY, 0): _EASY,
        (Role.LEVEL, 0): _PRIMARY,
        **_TOPIC,
    },
    {
        (Role.TYPE, 0): Wording("多选题", "Multiple choice"),
        (Role.STEM, 0): Wording("【示例】下列哪些是偶数？", "[Example] Which of these are even?"),
        (Role.OPTION, 0): Wording("二", "two"),
        (Role.OPTION, 1): Wording("三", "three"),
        (Role.OPTION, 2): Wording("四", "four"),
        (Role.OPTION, 3): Wording("六", "six"),
        (Role.KEY, 0): _same("ACD"),
        (Role.DIFFICULTY, 0): _MEDIUM,
        (Role.LEVEL, 0): _PRIMARY,
        **_TOPIC,
    },
    {
        (Role.TYPE, 0): Wording("判断题", "True/false"),
        (Role.STEM, 0): Wording("【示例】闰年有 366 天。", "[Example] A leap year has 366 days."),
        (Role.KEY, 0): Wording("对", "True"),
        (Role.DIFFICULTY, 0): _EASY,
        (Role.LEVEL, 0): _PRIMARY,
        **_TOPIC,
    },
    {
        (Role.TYPE, 0): Wording("填空题", "Fill in the blank"),
        (Role.STEM, 0): Wording(
            "【示例】一年有____个月，一天有____小时。", "[Example] A year has ____ months, a day ____ hours."
        ),
        (Role.KEY, 0): Wording("十二；12|二十四；24", "twelve;12|twenty-four;24"),
        (Role.DIFFICULTY, 0): _EASY,
        (Role.LEVEL, 0): _PRIMARY,
        **_TOPIC,
    },
    {
        (Role.TYPE, 0): Wording("简答题", "Short answer"),
        (Role.STEM, 0): Wording("【示例】为什么有闰年？", "[Example] Why are there leap years?"),
        (Role.KEY, 0): Wording(
            "一个回归年不是整数天，需要用闰年补足。", "A year is no whole number of days; leap days make up for it."
        ),
        (Role.DIFFICULTY, 0): _MEDIUM,
        (Role.LEVEL, 0): _PRIMARY,
        **_TOPIC,
    },
)

NOTES = (
    Wording(
        "一行一道试题；第一行是列名，请保留，列的顺序可以调整。",
        "One item in a row; keep the row of headers; the columns may be moved.",
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
        "案例分析题、匹配题和实操题一行写不下，请用 Word 或文本文件，写法见导入说明。",
        "Cases, matching items and practicals do not fit into a row; please write them in Word or as text.",
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
