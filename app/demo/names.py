"""Names for the demo county: of people and of places. Invented; a likeness to anyone or anywhere is chance.

Pure: every choice is drawn from the generator that is passed in.
"""

import random
from collections.abc import Sequence

from app.people.identity import Gender

# The most frequent surnames with their rough share in ten thousand.
_SURNAMES: dict[str, int] = {
    "王": 721, "李": 719, "张": 683, "刘": 517, "陈": 453, "杨": 308, "黄": 267, "赵": 247, "吴": 205, "周": 201,
    "徐": 166, "孙": 154, "马": 129, "朱": 126, "胡": 131, "郭": 115, "何": 106, "高": 100, "林": 118, "罗": 86,
    "郑": 93, "梁": 84, "谢": 72, "宋": 81, "唐": 65, "许": 66, "韩": 68, "冯": 64, "邓": 62, "曹": 57,
    "彭": 49, "曾": 50, "肖": 56, "田": 45, "董": 51, "袁": 54, "潘": 45, "于": 62, "蒋": 47, "蔡": 46,
    "余": 48, "杜": 47, "叶": 44, "程": 57, "苏": 43, "魏": 45, "吕": 47, "丁": 43, "任": 42, "沈": 41,
    "姚": 38, "卢": 47, "姜": 37, "崔": 32, "钟": 32, "谭": 32, "陆": 32, "汪": 32, "范": 36, "金": 31,
    "石": 32, "廖": 34, "贾": 31, "夏": 30, "韦": 28, "付": 32, "方": 28, "白": 25, "邹": 27, "孟": 27,
    "熊": 28, "秦": 26, "邱": 25, "江": 26, "尹": 22, "薛": 22, "闫": 22, "段": 20, "雷": 22, "侯": 22,
    "龙": 20, "史": 19, "陶": 18, "黎": 20, "贺": 19, "顾": 19, "毛": 18, "郝": 19, "龚": 18, "邵": 17,
    "万": 19, "钱": 18, "严": 17, "覃": 19, "单": 6, "解": 6, "仇": 4, "查": 4, "翟": 10, "盖": 3, "区": 4,
}  # fmt: skip
_COMPOUND: dict[str, int] = {"欧阳": 30, "上官": 8, "司马": 6, "诸葛": 8, "皇甫": 6, "令狐": 5, "尉迟": 3, "慕容": 4}
_ANY_SURNAME = _SURNAMES | _COMPOUND

_MALE = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林洋峰亮坤阳建国庆文武志诚成栋梁毅恒远达泽瑞晨"
_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂红英梅琳雪倩婷慧颖洁莹悦欣怡佳璐瑶萍蕾菲薇晓云月兰凤洋丹晶瑞晨琴珍清竹"
_MIDDLE = "志建国文明晓小海永春秋玉金庆宏思子雅嘉俊家学正立新天世振宇佳一德光荣长东少亚若以"

# Given names, and the names of fathers that follow the dot.
_WITH_DOT: dict[Gender, tuple[str, ...]] = {
    Gender.MALE: ("买买提江", "艾力", "玉素甫", "库尔班", "艾尼瓦尔", "艾合买提", "叶尔兰"),
    Gender.FEMALE: ("阿依古丽", "热依汗", "古丽娜尔", "帕提古丽", "米热古丽", "祖丽皮亚", "阿依努尔"),
}
_FATHERS = ("吐尔逊", "买买提", "艾山", "依明", "阿布都", "热合曼", "达吾提", "沙迪克")

TOWNS = (
    "清河镇", "东山镇", "白石镇", "柳林镇", "青云镇", "平川镇", "安丰镇", "永宁镇", "新桥镇", "长岭乡", "泉沟乡",
    "云台乡",
)  # fmt: skip
STREETS = ("城关街道", "东城街道", "西城街道", "新区街道")

_VILLAGE_HEADS = (
    "柳树", "石桥", "槐树", "杨家", "李家", "王家", "张家", "赵家", "东", "西", "南", "北", "上", "下", "前",
    "后", "红旗", "团结", "胜利", "新民", "和平", "光明", "双龙", "三里", "五里", "青石", "黄土", "桃花",
    "枣林", "梨园",
)  # fmt: skip
_VILLAGE_TAILS = ("湾", "岭", "沟", "坪", "庄", "河", "塘", "坡", "岗", "寨", "营", "口")
_COMMUNITY_HEADS = (
    "幸福", "和谐", "文化路", "人民路", "建设路", "新华", "朝阳", "阳光", "滨河", "金桂", "翠园", "锦绣",
    "康宁", "学府", "公园", "迎宾", "府前", "站前", "龙泉", "明珠", "福安", "长安", "永安", "丰泽", "东湖",
    "西湖", "南苑", "北苑", "中山路", "解放路", "青年路", "胜利路", "桃源", "梅园", "兰亭", "竹苑", "菊园",
    "碧水", "云锦", "安康",
)  # fmt: skip
_FIRM_HEADS = (
    "恒信", "华瑞", "金源", "绿野", "天成", "盛泰", "宏达", "瑞丰", "永兴", "嘉禾", "新元", "德润", "远航", "百川",
    "同创",
)  # fmt: skip
_FIRM_TAILS = ("农业科技有限公司", "食品有限公司", "机械制造有限公司", "商贸有限公司", "物流有限公司", "建材有限公司")


def draw_name(draw: random.Random, gender: Gender) -> str:
    """A plausible name: surnames by frequency, compound ones among them, one in a hundred with a separator dot."""
    if draw.random() < 0.01:
        return f"{draw.choice(_WITH_DOT[gender])}·{draw.choice(_FATHERS)}"
    surname = draw.choices(list(_ANY_SURNAME), weights=list(_ANY_SURNAME.values()))[0]
    last = draw.choice(_MALE if gender is Gender.MALE else _FEMALE)
    if draw.random() < 0.22:
        return surname + last
    middle = draw.choice(_MIDDLE.replace(last, ""))
    return surname + middle + last


def draw_villages(draw: random.Random, count: int) -> list[str]:
    """`count` different village names, such as 石桥湾村; at most 360."""
    return [f"{name}村" for name in draw.sample(_pairs(_VILLAGE_HEADS, _VILLAGE_TAILS), count)]


def draw_communities(draw: random.Random, count: int) -> list[str]:
    """`count` different community names, such as 滨河社区; at most 40."""
    return [f"{name}社区" for name in draw.sample(_COMMUNITY_HEADS, count)]


def draw_firms(draw: random.Random, count: int) -> list[str]:
    """`count` different names of non-public enterprises; at most 90."""
    return draw.sample(_pairs(_FIRM_HEADS, _FIRM_TAILS), count)


def _pairs(heads: Sequence[str], tails: Sequence[str]) -> list[str]:
    return [head + tail for head in heads for tail in tails]
