"""A headless Chromium for the tests: Debian's own, with the fonts of our wheels, and no word to the outside.

Its headless shell is taken where it is found: the same engine without a window around it, for half the processor time.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # publishes no types
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, Page, sync_playwright

FONT_PACKAGES = ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc")
SWITCHES = (
    "--no-sandbox",  # root may not use it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
)


def require_chromium() -> str:
    """The program named by CHIZHENG_CHROMIUM, else Debian's; skips, with the remedy, where it cannot be driven."""
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    program = os.environ.get("CHIZHENG_CHROMIUM") or next(filter(None, found), None)
    if not program:
        pytest.skip(
            "没有 Chromium：apt install chromium / no Chromium here: apt install chromium, or set CHIZHENG_CHROMIUM"
        )
    driver = compute_driver_executable()[0]
    if subprocess.run([driver, "--version"], capture_output=True, check=False).returncode:
        pytest.skip(
            "浏览器驱动无法启动：apt install libatomic1 / the browser's driver does not start: apt install libatomic1"
        )
    return program


def assert_accessible(page: Page) -> None:
    """Nothing that axe finds, in the state that the page is in now."""
    found = Axe().run(page).response["violations"]
    assert [(violation["id"], [node["html"][:200] for node in violation["nodes"]]) for violation in found] == []


@contextmanager
def launch_chromium(program: str, home: Path) -> Iterator[Browser]:
    """Run it with an empty profile; caches and fonts go to the folder `home`, so that all machines render alike."""
    fonts = home / "fonts"
    fonts.mkdir(parents=True)
    for package in FONT_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            (fonts / package).symlink_to(Path(spec.origin).parent)
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "XDG_DATA_HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES), env=environment)
        try:
            yield browser
        finally:
            browser.close()
