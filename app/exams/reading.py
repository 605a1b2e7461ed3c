"""Reading a form as it was sealed. At the end of its term its content is destroyed, and no reader takes that for a form
without items."""

from functools import lru_cache

from app.errors import Conflict
from question_bank.canonical import read_json
from question_bank.form import Form
from question_bank.form_json import form_from_json


class RecordsDestroyed(Conflict):
    """What would be read was destroyed at the end of its term: a score made of nothing is no score."""

    code = "exam.records_destroyed"
    zh = "有关记录已按保存期限销毁，不能再查看、评分或比对。"
    en = "The records were destroyed at the end of their term; nothing can be shown, scored or compared."


@lru_cache(maxsize=4096)
def read_form(content: str) -> Form:
    """The form; its content never changes once sealed, so that reading it once is enough. Raises RecordsDestroyed."""
    if not content:
        raise RecordsDestroyed
    return form_from_json(read_json(content))
