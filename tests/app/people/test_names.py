import subprocess
import sys

import pytest

from app.people.names import pinyin, same_name, spell_name, split_name


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("曾国强", "zengguoqiang", "zgq"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("解放", "xiefang", "xf"),
        ("仇英", "qiuying", "qy"),
        ("查理", "zhali", "zl"),
        ("翟明", "zhaiming", "zm"),
        ("朴正", "piaozheng", "pz"),
        ("盖叫天", "gejiaotian", "gjt"),
        ("区小红", "ouxiaohong", "oxh"),
        ("任重", "renzhong", "rz"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟雪", "moqixue", "mqx"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("欧阳雪", "ouyangxue", "oyx"),
        ("吕布", "lvbu", "lb"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("John Smith", "johnsmith", "j"),
        ("", "", ""),
    ],
)
def test_surnames_are_read_as_surnames(name, full, initials):
    read = pinyin(name)
    assert (read.full, read.initials) == (full, initials)


def test_order_is_by_syllable_and_keeps_a_surname_together():
    names = ["林安", "黎安", "李娜", "李安", "欧阳雪", "区安", "曾安", "单安"]
    ordered = sorted(names, key=lambda name: pinyin(name).sort_key)
    assert ordered == ["李安", "李娜", "黎安", "林安", "欧阳雪", "区安", "单安", "曾安"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("欧阳雪", ("欧阳", "雪")),
        ("欧阳", ("欧", "阳")),
        ("王芳", ("王", "芳")),
        ("阿依古丽·买买提", ("", "阿依古丽·买买提")),
        ("Anna", ("", "Anna")),
        ("𠮷田", ("𠮷", "田")),
        ("", ("", "")),
    ],
)
def test_surname_is_told_from_given_name(name, parts):
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ． 买买提", "阿卜杜拉·买买提"),
        ("王　强", "王强"),
        (" 𠮷・㛃 ", "𠮷·㛃"),
        ("Ｊ．  Smith", "J. Smith"),
        ("艾•", "艾•"),
        ("", ""),
    ],
)
def test_a_name_has_one_spelling_whatever_dot_was_typed(typed, kept):
    assert spell_name(typed) == kept
    assert same_name(typed, kept)
    assert not same_name(typed, f"{kept}二")


def test_keys_of_a_name_without_end_still_fit_their_columns():
    read = pinyin("庄" * 100)
    assert (len(read.full), len(read.initials)) == (200, 40)


def test_the_dictionary_loads_only_when_a_name_is_written():
    program = "import sys, app.people.names, app.people.identity; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
