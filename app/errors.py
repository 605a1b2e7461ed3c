"""Every refusal of the service, as one tree.

    AppError                    code, status, a public sentence in Chinese and in English
    ├── Invalid          422    something in the request is wrong; names each field
    ├── Unauthenticated  401    nobody is signed in
    ├── SecondFactorStale 403   the act must be signed by a second factor given within the last minutes
    ├── Forbidden        403    this person may not do this
    ├── NotFound         404    it is not there, or not for this person: the two look exactly alike (P21)
    ├── Conflict         409    it was possible, and is not any more
    ├── TooLarge         413    more bytes than this route takes
    ├── TooMany          429    too often in too short a time
    └── Unavailable      503    the service cannot promise to keep it now; try again (P7)

Features derive their named refusals from these in their own `rules.py`: a class, a stable `code`, a sentence in each
language, with `{placeholders}` for parameters. Nothing outside `app/web` turns an error into bytes.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal with a stable code and a public sentence; parameters fill the placeholders of the sentence."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "服务暂时无法完成此操作。"
    en: ClassVar[str] = "The service cannot do this at the moment."
    retry_after: ClassVar[int | None] = None
    first: ClassVar[str] = ""
    """The page on which a person does what is missing, where there is one: they are led there, and back."""

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def sentence(self, lang: str) -> str:
        """The public sentence in `lang` ("zh" or "en"), parameters filled in."""
        return (self.en if lang == "en" else self.zh).format(**self.params)


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of a request: its name as the caller sent it, and why, in both languages."""

    field: str
    zh: str
    en: str

    def sentence(self, lang: str) -> str:
        """Why, in `lang` ("zh" or "en")."""
        return self.en if lang == "en" else self.zh


class Invalid(AppError):
    """The request breaks a rule of form; `fields` says where."""

    code = "request.invalid"
    status = 422
    zh = "提交的内容有误，请按提示改正后重试。"
    en = "Something in what was sent is not right; please mend the fields named below."

    def __init__(self, *fields: FieldProblem, **params: Any) -> None:
        super().__init__(**params)
        self.fields = fields


class Unauthenticated(AppError):
    """No session, or one that has ended."""

    code = "session.required"
    status = 401
    zh = "请先登录；如已登录，登录状态可能已过期。"
    en = "Please sign in; if you were signed in, the session may have ended."


class SecondFactorStale(AppError):
    """A decision is signed by a fresh second factor (P30); this session's is too old."""

    code = "session.second_factor_stale"
    status = 403
    zh = "此操作须重新验证动态口令后签署。"
    en = "This act is signed with a fresh one-time code; please confirm it first."


class Forbidden(AppError):
    """The actor's roles do not allow it, or a rule about this very object forbids it to this person."""

    code = "permission.denied"
    status = 403
    zh = "没有此项权限。"
    en = "You have no permission for this."


class NotFound(AppError):
    """Missing, or another's: the caller cannot tell which (P21)."""

    code = "object.not_found"
    status = 404
    zh = "未找到所请求的内容。"
    en = "What was asked for was not found."


class Conflict(AppError):
    """The state has moved on, or another was first."""

    code = "state.conflict"
    status = 409
    zh = "内容已被更新，请刷新后再试。"
    en = "The state has changed meanwhile; please reload and try again."


class TooLarge(AppError):
    """The body is longer than the route takes."""

    code = "request.too_large"
    status = 413
    zh = "上传内容过大，上限为 {limit_mb} MB。"
    en = "The upload is too large; the limit is {limit_mb} MB."


_SECONDS_SAID = 120


class TooMany(AppError):
    """Bounded guessing and bounded load (P38, P45). `seconds` until the next attempt; more than two minutes are said in
    minutes."""

    code = "request.too_many"
    status = 429
    zh = "尝试次数过多，请在 {wait_zh}后再试。"
    en = "Too many attempts; please try again in {wait_en}."

    def __init__(self, *, seconds: int) -> None:
        long, minutes = seconds > _SECONDS_SAID, -(-seconds // 60)
        super().__init__(
            seconds=seconds,
            wait_zh=f"{minutes} 分钟" if long else f"{seconds} 秒",
            wait_en=f"{minutes} minutes" if long else f"{seconds} seconds",
        )


class Unavailable(AppError):
    """The database cannot be reached, is full, locked or overloaded: nothing was kept, nothing was promised (P7)."""

    code = "service.unavailable"
    status = 503
    retry_after = 2
    zh = "服务繁忙或存储暂不可用，内容尚未保存，请稍后重试。"
    en = "The service is busy or its storage is unavailable; nothing was saved, please try again shortly."
