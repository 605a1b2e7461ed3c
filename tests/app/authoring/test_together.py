"""Many items at once: what allows it is done and audited by itself, what does not is named and stays."""

from app.authoring.rules import ItemState
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff, make_unit


def write(client, group, stem):
    given = {"item_type": "true_false", "stem": stem, "key": "对"}
    return client.api(f"/banks/{group.bank_id}/write", given).json()["id"]


def test_items_are_submitted_and_retired_together(group, browsers):
    client = browsers(group.author)
    ids = [write(client, group, stem) for stem in ("甲题", "乙题", "丙题")]
    client.api(f"/items/{ids[0]}/submit")
    done = client.api("/items/together", {"item_ids": [*ids, 999], "act": "submit"}).json()
    assert done["done"] == ids[1:]
    assert [(one["id"], one["stem_start"]) for one in done["stayed"]] == [(ids[0], "甲题"), (999, "")]
    assert {row.state for row in group.items()} == {ItemState.SUBMITTED}
    assert len(group.acts("item:submit")) == 3
    fourth = write(client, group, "丁题")
    page = client.get("/items?state=draft").text
    assert f'form="together" name="item_ids" value="{fourth}"' in page
    assert client.submit("/items/together", {"item_ids": str(fourth), "act": "retire"}).status_code == 422
    shown = client.submit("/items/together", {"item_ids": [str(fourth), str(ids[1])], "act": "retire", "reason": "旧"})
    assert shown.status_code == 200
    assert "已停用 1 道试题" in shown.text
    assert "乙题" in shown.text
    assert [row.reason for row in group.acts("item:retire")] == ["旧"]


def test_a_stranger_moves_nothing_and_learns_no_stem(sqlite_group, sqlite_browsers):
    item_id = write(sqlite_browsers(sqlite_group.author), sqlite_group, "机密题干")
    with acting_as(sqlite_group.house, "test") as op:
        elsewhere = make_unit(op)
    stranger = sqlite_browsers(make_staff(sqlite_group.house, Role.ITEM_AUTHOR, unit=elsewhere))
    done = stranger.api("/items/together", {"item_ids": [item_id], "act": "submit"})
    assert (done.json()["done"], done.json()["stayed"][0]["stem_start"]) == ([], "")
    assert [row.state for row in sqlite_group.items()] == [ItemState.DRAFT]
