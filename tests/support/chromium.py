"""A headless Chromium for the tests: Debian's own, with the fonts of our wheels, and no word to the outside."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

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


def find_chromium() -> str | None:
    """The program named by CHIZHENG_CHROMIUM, else Debian's `chromium`; None where there is neither."""
    return os.environ.get("CHIZHENG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


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
