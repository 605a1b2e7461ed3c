"""Near duplicates: who is near whom, the same however many there are, and never by comparing each with each."""

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.duplicates import grams_of, is_near, likeness, near_groups, near_pairs, near_to

STEM = "预备党员的预备期为一年，预备期从支部大会通过其为预备党员之日算起"
CHARACTERS = (
    "党章规定预备期发展对象支部委员会选举办法民主评议组织生活批评自我监"
    "督执纪四种形态基层工作条例干部选拔任用三一课主题日集中学习请示报告"
)


def bank(count: int, seed: int = 1) -> list[str]:
    """Stems of a trade's few hundred words in four patterns, no two near by intent."""
    draw = random.Random(seed)

    def some(low: int, high: int) -> str:
        return "".join(draw.choices(CHARACTERS, k=draw.randint(low, high)))

    patterns = ("下列关于{}的说法，正确的是（ ）。{}", "根据《{}》的规定，应当{}。", "{}应当由谁决定？{}", "{}{}")
    return [draw.choice(patterns).format(some(8, 16), some(8, 16)) for _ in range(count)]


def test_what_near_means():
    one = grams_of(STEM)
    assert is_near(one, grams_of(STEM.replace("一年", "两年")))
    assert is_near(one, grams_of(f"　{STEM}（ ）。".replace("，", ",")))
    assert likeness(one, grams_of(f"{STEM}。")) == 1000
    assert not is_near(one, grams_of("党的根本组织原则是民主集中制"))
    assert is_near(grams_of("党"), grams_of("党。"))
    assert not is_near(grams_of("党"), grams_of("团"))


def test_planted_variants_are_found_and_nothing_else():
    stems = bank(2000)
    planted = {at: stems[at][:5] + "的" + stems[at][6:] for at in range(0, 2000, 50)}
    found = near_pairs([*stems, *planted.values()])
    assert {(at, 2000 + number) for number, at in enumerate(planted)} <= set(found)
    assert len(found) == len(planted)
    assert [near[0] for near in near_to(list(planted.values()), stems)] == list(planted)


def test_long_texts_that_differ_in_one_stretch_are_found():
    # The runs of the stretch are the rarest of all, and more than are looked for; those that are shared come next.
    long = "".join(f"{STEM[at:]}{CHARACTERS[at * 2 :]}{at}" for at in range(0, 30, 6))
    stretch = "".join(chr(0x4E00 + 97 * at) for at in range(31))
    assert likeness(grams_of(long), grams_of(long + stretch)) >= 700
    assert near_pairs([*bank(50), long, long + stretch]) == [(50, 51)]
    assert near_to([long + stretch], [*bank(50), long]) == [[50]]


def test_six_hundred_variants_are_one_group_in_a_moment():
    variants = [f"{STEM[: at % 30]}{CHARACTERS[at % 60]}{STEM[at % 30 + 1 :]}{at}" for at in range(600)]
    began = time.process_time()
    groups = near_groups(variants)
    assert time.process_time() - began < 5
    assert max(map(len, groups)) > 550
    assert len(near_pairs(variants)) > 10_000


def test_the_work_grows_with_the_bank_not_with_its_square():
    def seconds(stems: list[str]) -> float:
        began = time.process_time()
        near_groups(stems)
        return time.process_time() - began

    small, large = bank(500), bank(4_000, seed=2)
    assert seconds(large) < 40 * max(seconds(small), 0.02)
    same = [f"{STEM}{'！' * (at % 3)}" for at in range(4_000)]
    assert near_groups(same) == [tuple(range(4_000))]
    assert seconds(same) < 40 * max(seconds(same[:500]), 0.02)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="党章规定预备，。 aA１", min_size=0, max_size=12), max_size=12))
def test_what_is_found_is_near_and_found_again(stems):
    grams = [grams_of(stem) for stem in stems]
    every = [(a, b) for b in range(len(stems)) for a in range(b) if is_near(grams[a], grams[b])]
    found = near_pairs(stems)
    assert set(found) <= set(every)
    assert near_pairs(stems) == found
