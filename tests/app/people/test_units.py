import pytest

from app.people.units import (
    DEPTH_LIMIT,
    ROOT,
    UnitInsideItself,
    UnitTooDeep,
    ancestor_ids,
    is_within,
    moved,
    path_below,
)


def test_path_names_every_ancestor():
    assert path_below(ROOT, 1) == "/1/"
    assert path_below("/1/7/", 31) == "/1/7/31/"
    assert ancestor_ids("/1/7/31/") == (1, 7, 31)
    assert ancestor_ids(ROOT) == ()


def test_within_is_never_fooled_by_digits():
    assert is_within("/1/7/31/", "/1/7/")
    assert is_within("/1/7/", "/1/7/")
    assert is_within("/1/7/", ROOT)
    assert not is_within("/1/70/", "/1/7/")
    assert not is_within("/1/", "/1/7/")


def test_move_takes_everything_below_along():
    assert moved("/1/7/", below="/1/9/", nodes=("/1/7/", "/1/7/31/", "/1/7/31/4/")) == {
        "/1/7/": "/1/9/7/",
        "/1/7/31/": "/1/9/7/31/",
        "/1/7/31/4/": "/1/9/7/31/4/",
    }


@pytest.mark.parametrize("below", ["/1/7/", "/1/7/31/"])
def test_nothing_moves_inside_itself(below):
    with pytest.raises(UnitInsideItself):
        moved("/1/7/", below=below, nodes=("/1/7/", "/1/7/31/"))


def test_tree_has_a_greatest_depth():
    deepest = "/" + "/".join(str(n) for n in range(1, DEPTH_LIMIT + 1)) + "/"
    with pytest.raises(UnitTooDeep) as raised:
        path_below(deepest, 99)
    assert str(DEPTH_LIMIT) in raised.value.sentence("zh")
    above = "/" + "/".join(str(n) for n in range(1, DEPTH_LIMIT)) + "/"
    with pytest.raises(UnitTooDeep):
        moved("/50/", below=above, nodes=("/50/", "/50/51/"))
    assert moved("/50/", below=above, nodes=("/50/",))
