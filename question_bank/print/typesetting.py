"""typst, asked for pages: all that varies goes in as JSON, never as markup, and nothing is read from the machine.

The same data give the same bytes: no time of making, no fonts but those of the two wheels.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

STANDARD = "a-2b"
"""PDF/A-2b: fonts embedded, readable for years; and a character that no font has is an error, not a hole."""

GETA = "〓"
"""What printers have always set for a character that they lack."""

HERE = Path(__file__).parent
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_MOST_MISSING = 50


def typeset(template: str, data: Mapping[str, Any], *, folder: Path = HERE) -> bytes:
    """The PDF that a template of the folder makes of the data. A character that no font has is printed as 〓."""
    import typst

    text = json.dumps(data, ensure_ascii=False)
    for _ in range(_MOST_MISSING):
        try:
            made: bytes = _compiler(template, folder).compile(
                format="pdf", pdf_standards=STANDARD, timestamp=0, pdf_tags=False, sys_inputs={"data": text}
            )
        except typst.TypstError as error:
            missing = _MISSING.search(str(error))
            if missing is None:
                raise
            for character in {*_unescaped(missing[1])} - {*" \n"}:
                text = text.replace(character, GETA)
        else:
            return made
    raise ValueError("typst goes on missing characters")


def draw(template: str, data: Mapping[str, Any], *, ppi: int) -> list[bytes]:
    """The pages as PNG pictures, for whoever looks at them before they are printed."""
    made = _compiler(template, HERE).compile(
        format="png", ppi=ppi, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
    )
    return made if isinstance(made, list) else [made]


def font_file(name: str) -> str:
    """The path of a font of the wheels."""
    return str(files("pylopdf_fonts_zh_cn") / name)


def _unescaped(shown: str) -> str:
    r"""Characters that typst's message wrote as `\u{1f600}`."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), shown)


def _compiler(template: str, folder: Path) -> Any:
    """A compiler of its own for each call: two threads must not set each other's data."""
    import typst

    return typst.Compiler(input=str(folder / template), root=str(folder), font_paths=_fonts())


@cache
def _fonts() -> Any:
    import typst

    folders = [str(files(package)) for package in ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
