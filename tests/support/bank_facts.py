"""What the Party's regulations say, in our own words, as the ground of test banks.

Each figure stands in the article named beside it; wrong values are only that, wrong values for the same words.
"""

from typing import NamedTuple

CONSTITUTION = "《中国共产党章程》"
BRANCH_RULES = "《中国共产党支部工作条例（试行）》"
MEMBER_RULES = "《中国共产党党员教育管理工作条例》"
GROWTH_RULES = "《中国共产党发展党员工作细则》"
DISCIPLINE_RULES = "《中国共产党纪律处分条例》"


class Fact(NamedTuple):
    """A sentence with one gap, marked {}, the right words for it and three wrong ones."""

    document: str
    article: str
    sentence: str
    right: str
    wrong: tuple[str, str, str]


class Listing(NamedTuple):
    """A sentence with one gap, all that belongs into it, and what does not."""

    document: str
    article: str
    sentence: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


CHAPTERS: dict[str, tuple[tuple[Fact, ...], tuple[Listing, ...]]] = {
    "第一章 党员与党籍": (
        (
            Fact(CONSTITUTION, "第七条", "预备党员的预备期为{}", "一年", ("半年", "两年", "三年")),
            Fact(CONSTITUTION, "第七条", "需要继续考察的，预备期最多再延长{}", "一年", ("半年", "两年", "三年")),
            Fact(
                CONSTITUTION,
                "第七条",
                "党龄从{}算起",
                "转为正式党员之日",
                ("递交申请之日", "支部大会通过之日", "成为发展对象之日"),
            ),
            Fact(
                CONSTITUTION,
                "第七条",
                "预备期从{}算起",
                "支部大会通过为预备党员之日",
                ("上级谈话之日", "填写志愿书之日", "宣誓之日"),
            ),
            Fact(CONSTITUTION, "第五条", "申请人入党要有{}正式党员作介绍人", "两名", ("一名", "三名", "五名")),
            Fact(
                CONSTITUTION,
                "第九条",
                "无正当理由连续{}不参加组织生活的党员，被认为自行脱党",
                "六个月",
                ("三个月", "九个月", "十二个月"),
            ),
            Fact(
                MEMBER_RULES,
                "第二十条",
                "党员每年集中学习培训一般不少于{}",
                "32学时",
                ("16学时", "24学时", "40学时"),
            ),
            Fact(MEMBER_RULES, "第三十条", "限期改正的时间最长为{}", "1年", ("3个月", "2年", "3年")),
            Fact(
                MEMBER_RULES,
                "第三十四条",
                "高校毕业生流动党员的组织关系一般最多保留{}",
                "2年",
                ("1年", "3年", "5年"),
            ),
            Fact(
                MEMBER_RULES,
                "第三十四条",
                "党组织与出国（境）党员的联系，至少{}一次",
                "每半年",
                ("每月", "每季度", "每年"),
            ),
            Fact(
                MEMBER_RULES,
                "第二十五条",
                "外出{}以上且地点相对固定的党员，应当转移组织关系",
                "6个月",
                ("1个月", "3个月", "12个月"),
            ),
            Fact(MEMBER_RULES, "第二十四条", "停止党籍满{}后，按自行脱党除名", "2年", ("1年", "3年", "5年")),
            Fact(
                MEMBER_RULES,
                "第二十四条",
                "出国学习研究超过{}未返回的，一般停止党籍",
                "5年",
                ("2年", "3年", "10年"),
            ),
            Fact(MEMBER_RULES, "第三十一条", "应予除名的情形共列有{}", "六种", ("四种", "五种", "七种")),
        ),
        (
            Listing(
                CONSTITUTION,
                "第七条",
                "预备党员还不享有{}",
                ("表决权", "选举权", "被选举权"),
                ("参加党的会议的权利",),
            ),
            Listing(
                CONSTITUTION,
                "第九条",
                "连续六个月{}，又没有正当理由的，被认为自行脱党",
                ("不参加组织生活", "不交党费", "不做党分配的工作"),
                ("不发表意见",),
            ),
            Listing(
                CONSTITUTION,
                "第八条",
                "每个党员都要编入党的一个{}",
                ("支部", "小组", "其他特定组织"),
                ("单位",),
            ),
            Listing(
                CONSTITUTION,
                "第五条",
                "入党要经过{}",
                ("填写入党志愿书", "正式党员介绍", "支部大会通过", "上级党组织批准"),
                ("单位公示一年",),
            ),
        ),
    ),
    "第二章 支部与组织生活": (
        (
            Fact(BRANCH_RULES, "第四条", "有正式党员{}以上的单位应当成立党支部", "3人", ("2人", "5人", "7人")),
            Fact(BRANCH_RULES, "第四条", "党支部的党员一般不超过{}", "50人", ("30人", "80人", "100人")),
            Fact(BRANCH_RULES, "第四条", "联合党支部覆盖的单位一般不超过{}", "5个", ("2个", "3个", "10个")),
            Fact(
                BRANCH_RULES,
                "第六条",
                "为期{}以上的工程项目，符合条件的应当成立党支部",
                "6个月",
                ("1个月", "3个月", "12个月"),
            ),
            Fact(
                BRANCH_RULES,
                "第十二条",
                "支部委员会会议一般{}召开1次",
                "每月",
                ("每周", "每季度", "每半年"),
            ),
            Fact(
                BRANCH_RULES,
                "第十二条",
                "支部委员会会议须有{}委员到会方可进行",
                "半数以上",
                ("三分之一以上", "三分之二以上", "全体"),
            ),
            Fact(BRANCH_RULES, "第十三条", "党小组会一般{}召开1次", "每月", ("每周", "每季度", "每年")),
            Fact(BRANCH_RULES, "第十一条", "党员大会一般{}召开1次", "每季度", ("每月", "每半年", "每年")),
            Fact(BRANCH_RULES, "第六章", "正式党员满{}的党支部应当设立支部委员会", "7人", ("3人", "5人", "10人")),
            Fact(BRANCH_RULES, "第六章", "支部委员会的委员一般最多{}", "7人", ("5人", "9人", "11人")),
            Fact(BRANCH_RULES, "第六章", "村、社区的支部委员会每届任期{}", "5年", ("2年", "3年", "4年")),
            Fact(MEMBER_RULES, "第十六条", "主题党日{}开展1次", "每月", ("每周", "每季度", "每半年")),
            Fact(MEMBER_RULES, "第十七条", "组织生活会{}至少召开1次", "每年", ("每月", "每季度", "每两年")),
            Fact(MEMBER_RULES, "第十八条", "民主评议党员一般{}开展1次", "每年", ("每月", "每季度", "每两年")),
        ),
        (
            Listing(
                MEMBER_RULES,
                "第十八条",
                "民主评议党员的程序包括{}",
                ("个人自评", "党员互评", "民主测评"),
                ("上级考核",),
            ),
            Listing(
                BRANCH_RULES,
                "第十二、十三条",
                "一般每月召开一次的有{}",
                ("支部委员会会议", "党小组会"),
                ("党员大会", "组织生活会"),
            ),
            Listing(
                MEMBER_RULES,
                "第十七、十八条",
                "以一年为周期的有{}",
                ("组织生活会", "民主评议党员"),
                ("主题党日", "党小组会"),
            ),
            Listing(
                BRANCH_RULES,
                "第四、六条",
                "应当成立党支部的有{}",
                ("有3名正式党员的单位", "为期8个月且符合条件的工程"),
                ("只有2名正式党员的单位", "为期1个月的工程"),
            ),
        ),
    ),
    "第三章 发展党员与纪律": (
        (
            Fact(GROWTH_RULES, "第三条", "总要求的第一句是控制{}", "总量", ("速度", "比例", "范围")),
            Fact(GROWTH_RULES, "第三条", "总要求的第二句是优化{}", "结构", ("程序", "环境", "服务")),
            Fact(GROWTH_RULES, "第三条", "总要求的第三句是提高{}", "质量", ("数量", "效率", "待遇")),
            Fact(GROWTH_RULES, "第三条", "总要求的第四句是发挥{}", "作用", ("优势", "特长", "潜力")),
            Fact(DISCIPLINE_RULES, "第八条", "对党员的纪律处分共有{}", "五种", ("三种", "四种", "六种")),
            Fact(
                DISCIPLINE_RULES,
                "第八条",
                "对党员最轻的纪律处分是{}",
                "警告",
                ("严重警告", "留党察看", "撤销党内职务"),
            ),
            Fact(
                DISCIPLINE_RULES,
                "第八条",
                "对党员最重的纪律处分是{}",
                "开除党籍",
                ("严重警告", "留党察看", "撤销党内职务"),
            ),
            Fact(
                DISCIPLINE_RULES,
                "第八条",
                "排在严重警告之后的处分是{}",
                "撤销党内职务",
                ("警告", "留党察看", "开除党籍"),
            ),
            Fact(
                DISCIPLINE_RULES,
                "第十条",
                "受警告处分的党员{}内不得在党内提拔职务",
                "一年",
                ("半年", "两年", "三年"),
            ),
            Fact(
                DISCIPLINE_RULES,
                "第十条",
                "受严重警告处分的党员{}内不得在党内提拔职务",
                "一年半",
                ("半年", "两年", "三年"),
            ),
            Fact(
                DISCIPLINE_RULES,
                "第九条",
                "对严重违犯党纪的党组织，可作的处理有改组和{}",
                "解散",
                ("警告", "罚款", "留党察看"),
            ),
            Fact(DISCIPLINE_RULES, "第九条", "对严重违犯党纪的党组织的处理有{}", "两种", ("一种", "三种", "五种")),
        ),
        (
            Listing(
                DISCIPLINE_RULES,
                "第八条",
                "属于党员纪律处分的有{}",
                ("警告", "严重警告", "撤销党内职务", "留党察看"),
                ("罚款",),
            ),
            Listing(
                DISCIPLINE_RULES,
                "第九条",
                "对党组织的处理有{}",
                ("改组", "解散"),
                ("警告", "留党察看"),
            ),
            Listing(
                GROWTH_RULES,
                "第三条",
                "总要求包括{}",
                ("控制总量", "优化结构", "提高质量", "发挥作用"),
                ("扩大规模", "放宽条件"),
            ),
            Listing(
                DISCIPLINE_RULES,
                "第十条",
                "受处分后一年内都不得在党内提拔职务的处分有{}",
                ("警告", "严重警告"),
                ("口头提醒", "通报表扬"),
            ),
        ),
    ),
}
