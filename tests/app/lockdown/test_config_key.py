"""The Config Key as published, and what our own settings keep to."""

import hashlib
import json
import plistlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lockdown.config_key import canonical_text, config_key, property_list
from app.lockdown.profile import Terms, settings_of
from tests.app.lockdown import published

TERMS = Terms("https://exam.test/lockdown/a", "https://exam.test/lockdown/a/quit", b"e" * 32, b"c" * 32, "AB", "CD")


def test_the_published_vector_gives_its_published_key():
    shown = published.settings()
    assert len(shown) == 202
    assert config_key(shown) == published.KEY
    # Neither the order of the file, nor the version that wrote it, nor an empty dictionary counts.
    assert config_key(dict(reversed(shown.items())) | {"OriginatorVersion": "x", "none": {}}) == published.KEY
    plain = hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()
    assert plain != published.KEY


def test_the_text_is_written_as_the_specification_says():
    names = ["urlFilterTrustedContent", "URLFilterRules", "urlFilterRegex", "URLFilterEnable", "touchOptimized"]
    assert [part.split('"')[1] for part in canonical_text(dict.fromkeys(names, True)).split(",")] == names[::-1]
    told = {
        "b": [{"z": 1, "A": "x/y"}, {}],
        "a": None,
        "C": b"\x00\xff",
        "d": False,
        "e": -7,
        "f": {},
        "g": "",
        "h": [],
    }
    assert canonical_text(told) == '{"a":"","b":[{"A":"x/y","z":1},{}],"C":"AP8=","d":false,"e":-7,"g":"","h":[]}'
    assert canonical_text({"q": 'a"b\\c'}) == '{"q":"a"b\\c"}'  # nothing is escaped
    assert config_key({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


_SCALARS = st.booleans() | st.integers(-(2**31), 2**31) | st.binary(max_size=8) | st.text("abc 汉/:%.", max_size=8)
_NAMES = st.sampled_from(["touchOptimized", "URLFilterEnable", "urlFilterRegex", "a", "B", "c1", "C10", "aB"])


def _distinct(values):
    return [value for place, value in enumerate(values) if value not in values[:place]]


_SETTINGS = st.recursive(
    st.dictionaries(_NAMES, _SCALARS, min_size=1, max_size=5),
    lambda inner: st.dictionaries(
        _NAMES, _SCALARS | inner | st.lists(_SCALARS, max_size=3).map(_distinct), min_size=1, max_size=4
    ),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None)
@given(_SETTINGS, st.randoms(use_true_random=False))
def test_a_file_read_again_has_the_key_of_what_was_written(told, random):
    assert config_key(plistlib.loads(property_list(told))) == config_key(told)
    mixed = list(told.items())
    random.shuffle(mixed)
    assert config_key(dict(mixed)) == config_key(told)
    assert json.loads(canonical_text(told)).keys() == told.keys()


@pytest.mark.parametrize(
    "bad",
    [{"a": 1, "A": 2}, {"a": {}}, {}, {"a": 'x"'}, {"a": "x\\"}, {"a": "x\n"}, {"a_b": 1}, {"a": ["", ""]}, {"a": 1.5}],
    ids=str,
)
def test_what_is_read_in_two_ways_is_not_written(bad):
    with pytest.raises(ValueError, match=r"settings"):
        property_list(bad)


def test_our_own_settings_are_read_alike_and_close_what_must_be_closed():
    told = settings_of(TERMS)
    content = property_list(told)
    assert content.startswith(b"<?xml")
    assert plistlib.loads(content) == told
    assert told["sendBrowserExamKey"] is True
    assert told["browserWindowWebView"] == 3
    assert told["URLFilterRules"][0]["expression"] == "exam.test/*"
    assert told["hashedQuitPassword"] == hashlib.sha256(b"AB").hexdigest()
    closed = "allowVirtualMachine allowScreenSharing allowSpellCheck allowDictation examSessionReconfigureAllow"
    assert not any(told[name] for name in [*closed.split(), "downloadAndOpenSebConfig", "quitURLConfirm"])
    others = {
        config_key(settings_of(Terms(*fields)))
        for fields in (
            ("https://exam.test/lockdown/b", *list(TERMS.__getstate__())[1:]),
            (*list(TERMS.__getstate__())[:3], b"d" * 32, "AB", "CD"),
            (*list(TERMS.__getstate__())[:4], "AC", "CD"),
        )
    }
    assert len(others | {config_key(told)}) == 4
