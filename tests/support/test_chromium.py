"""A browser leaves no trace in the thread that used it."""

import asyncio
from pathlib import Path

import pytest

from tests.support.chromium import launch_chromium, require_chromium

pytestmark = pytest.mark.browser


def test_a_loop_can_run_after_a_browser(tmp_path: Path) -> None:
    with launch_chromium(require_chromium(), tmp_path), pytest.raises(RuntimeError, match="running event loop"):
        asyncio.run(_wait := asyncio.sleep(0))
    _wait.close()
    assert asyncio.run(asyncio.sleep(0, "done")) == "done"
