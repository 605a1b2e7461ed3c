"""The maps of the house stand in the repository as text, so that a changed route, right or column shows in the diff."""

from pathlib import Path

import pytest

from tests.support.house_map import MAPS

HERE = Path(__file__).resolve().parents[1] / "maps"


@pytest.mark.parametrize("name", sorted(MAPS))
def test_the_map_is_the_territory(name, request):
    path, drawn = HERE / f"{name}.txt", MAPS[name]()
    if request.config.getoption("--update-maps"):
        path.write_text(drawn, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == drawn, "run pytest tests/architecture --update-maps and read the diff"
