"""Chinese is the language of the sources; English comes from the catalogues in `locale/en`, one a feature.

A sentence that has no entry stays Chinese; a test crawls every page in English and finds none.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request

LOCALE = Path(__file__).parent / "locale"
COOKIE = "lang"


def language_of(request: Request) -> str:
    """ "zh" unless this browser has chosen "en"."""
    return "en" if request.cookies.get(COOKIE) == "en" else "zh"


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Every translation into `lang`; raises ValueError where two catalogues disagree about one sentence."""
    found: dict[str, str] = {}
    for path in sorted((LOCALE / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if not message.id or not message.string:
                    continue
                source, translation = str(message.id), str(message.string)
                if found.setdefault(source, translation) != translation:
                    raise ValueError(f"{path.name}: {source!r} is translated in two ways")
    return found


def translate(sentence: str, lang: str) -> str:
    """`sentence` in `lang`; itself where it is Chinese already or has no entry."""
    return catalogue(lang).get(sentence, sentence) if lang != "zh" else sentence
