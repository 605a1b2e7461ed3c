"""Settings: one frozen object, read once from the environment, handed down; no other module reads the environment.

Every name has the prefix `CHIZHENG_`. A value may also come from a file: `CHIZHENG_SECRET_KEY_FILE=/run/secrets/key`.
"""

import base64
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "CHIZHENG_"

# Known to everyone who reads this file: good for a demo on one's own machine, refused in production by name.
_DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105 - it is refused in production


class SettingsError(Exception):
    """The environment does not make a usable configuration; the sentence names the variable and what to do."""


class Mode(StrEnum):
    """Where the service runs; production refuses defaults that only a demo may have."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Settings(BaseModel):
    """All that can be set. Durations are in the unit that the name ends with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = Mode.DEVELOPMENT
    database_url: str = "sqlite:///var/chizheng.db"
    database_pooler_url: str = ""
    """The same database behind a pooler in transaction mode (PgBouncer), for pages and acts; empty where there is none.
    The journal, migrations and backups go to `database_url` itself."""
    data_folder: Path = Path("var")
    anchor_folder: Path = Path("var/anchors")

    secret_key: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    """Root of the keys for receipts, check-in codes and blind indexes (derived per purpose)."""
    field_key: SecretStr = SecretStr(base64.b64encode(b"development-only-32-byte-key-0!!").decode())
    """Base64 of 32 bytes: wraps the per-person keys that encrypt ID numbers and findings."""
    field_key_previous: SecretStr = SecretStr("")
    """Field keys before this one, while `chizheng keys rewrap` replaces them: base64, commas or line ends between."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_base_url: str = "http://127.0.0.1:8000"
    allow_plain_http: bool = False
    """Plain HTTP beyond loopback; the status page then lists the promises that are lost (P39)."""
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split)] = ()
    metrics_sources: Annotated[tuple[str, ...], BeforeValidator(_split)] = ("127.0.0.1", "::1")

    authority: str = "中共示范县委组织部"
    county: str = "示范县"
    sms_url: str = ""
    """短信网关: where short messages are posted as JSON; empty: none are sent."""
    sms_token: SecretStr = SecretStr("")
    sms_sign: Annotated[str, Field(pattern=r"^[^【】\s]{0,20}$")] = ""
    """短信签名, registered with the gateway: the office's name, without brackets."""

    number_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")] = "SF"

    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    session_hours: Annotated[int, Field(ge=1, le=24)] = 10
    fresh_factor_minutes: Annotated[int, Field(ge=1, le=30)] = 5
    argon2_memory_kib: Annotated[int, Field(ge=8, le=1048576)] = 19456
    argon2_passes: Annotated[int, Field(ge=1, le=10)] = 2

    grace_seconds: Annotated[int, Field(ge=0, le=60)] = 5
    notice_working_days: Annotated[int, Field(ge=1, le=60)] = 5
    statement_working_days: Annotated[int, Field(ge=1, le=60)] = 5
    recheck_working_days: Annotated[int, Field(ge=1, le=60)] = 5
    check_working_days: Annotated[int, Field(ge=1, le=60)] = 7
    bar_months_cheating: Annotated[int, Field(ge=1, le=120)] = 12
    bar_months_grave: Annotated[int, Field(ge=1, le=120)] = 36
    """How long cheating, and grave cheating, keeps a person from sitting (禁考)."""
    clearance_valid_days: Annotated[int, Field(ge=1, le=3650)] = 180
    certificate_valid_days: Annotated[int, Field(ge=30, le=3650)] = 425
    """One year to the next annual review, plus 60 days (settings as delivered)."""
    certificate_warning_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=365)], ...], BeforeValidator(_split), Field(min_length=1, max_length=5)
    ] = (90, 30)
    """How long before its end holder, liaison and certificate officer are told of a certificate: once for each."""

    upload_limit_mb: Annotated[int, Field(ge=1, le=200)] = 20
    import_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    import_job_kb: Annotated[int, Field(ge=1, le=200_000)] = 1024
    """Larger files are read, and what they hold committed, by the worker; the page shows how far it is."""
    import_job_seconds: Annotated[int, Field(ge=1, le=3600)] = 600
    import_memory_mb: Annotated[int, Field(ge=128, le=4096)] = 512
    worker_inside: bool = False
    """Run the worker as a thread of the server: the one-process way of `make run`."""
    drill: bool = False
    """An instance of a drill (`chizheng drill` starts it): every page says that nothing here is real."""
    pool_size: Annotated[int, Field(ge=1, le=100)] = 10
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises SettingsError naming the first variable that is unknown, wrong or unsafe."""
        values: dict[str, str] = {}
        for name, value in environ.items():
            if not name.startswith(PREFIX) or name in _NOT_SETTINGS:
                continue
            key = name.removeprefix(PREFIX).lower()
            if key.endswith("_file") and key not in cls.model_fields:
                key, value = key.removesuffix("_file"), _read(name, value)  # noqa: PLW2901 - the file is the value
            if key not in cls.model_fields:
                raise SettingsError(f"{name}: 没有这个设置项 / there is no such setting")
            values[key] = value
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise SettingsError(f"{name}: 值无效 / not a usable value: {first['msg']}") from None
        settings.refuse_unsafe()
        return settings

    def refuse_unsafe(self) -> None:
        """Raise SettingsError where a secret is short, malformed, or (in production) the one of the demo (P40)."""
        if len(self.field_key_bytes) != 32:
            raise SettingsError(f"{PREFIX}FIELD_KEY: 须为 32 字节的 Base64 / must be base64 of 32 bytes")
        if any(len(key) != 32 for key in self.field_keys_previous):
            raise SettingsError(
                f"{PREFIX}FIELD_KEY_PREVIOUS: 每个须为 32 字节的 Base64，以逗号分隔"
                " / each must be base64 of 32 bytes, with commas between"
            )
        if self.database_pooler_url and not (
            self.database_url.startswith("postgresql") and self.database_pooler_url.startswith("postgresql")
        ):
            raise SettingsError(
                f"{PREFIX}DATABASE_POOLER_URL: 连接池只用于 PostgreSQL / a pooler stands before PostgreSQL only"
            )
        self._refuse_unsafe_sms()
        if len(self.secret_key.get_secret_value()) < 32:
            raise SettingsError(f"{PREFIX}SECRET_KEY: 至少 32 个字符 / at least 32 characters")
        if self.mode is Mode.PRODUCTION:
            for name in ("secret_key", "field_key"):
                if getattr(self, name) == type(self).model_fields[name].default:
                    raise SettingsError(
                        f"{PREFIX}{name.upper()}: 生产环境须设置自己的密钥 / production needs a secret of its own"
                    )
            if not self.public_base_url.startswith("https://") and not self.allow_plain_http:
                raise SettingsError(
                    f"{PREFIX}PUBLIC_BASE_URL: 须为 https:// 地址，或设置 {PREFIX}ALLOW_PLAIN_HTTP=true"
                    " / must be an https:// address, or allow plain HTTP by that setting"
                )

    def _refuse_unsafe_sms(self) -> None:
        if not self.sms_url:
            return
        if not _is_gateway(self.sms_url):
            raise SettingsError(
                f"{PREFIX}SMS_URL: 须为 https:// 地址（本机网关可用 http://），不含用户名、查询参数和锚点 / must be an"
                " https:// address (http:// for a gateway on this machine) without user name, query and fragment"
            )
        if not _TOKEN.fullmatch(self.sms_token.get_secret_value()):
            raise SettingsError(
                f"{PREFIX}SMS_TOKEN: 启用短信须设置令牌，只含可打印的 ASCII 字符"
                " / short messages need a token of printable ASCII characters"
            )
        if not self.sms_sign:
            raise SettingsError(f"{PREFIX}SMS_SIGN: 启用短信须设置签名 / short messages need a signature")

    @property
    def sends_sms(self) -> bool:
        """Whether short messages are set up."""
        return bool(self.sms_url)

    def shown(self) -> dict[str, str]:
        """Every setting as text for a person: secrets, and the password in the database's address, are hidden."""
        found = {name: _text(value) for name, value in self.model_dump().items()}
        for name in ("database_url", "database_pooler_url"):
            found[name] = _PASSWORD_IN_URL.sub(r"\1***@", found[name])
        return found

    def environ(self) -> dict[str, str]:
        """The environment from which `from_environ` reads these very settings: secrets in clear, for a process of
        ours."""
        return {f"{PREFIX}{name.upper()}": _said(getattr(self, name)) for name in type(self).model_fields}

    @property
    def field_key_bytes(self) -> bytes:
        """The key that wraps the per-person keys; empty where the setting is not base64."""
        return _decode(self.field_key.get_secret_value())

    @property
    def field_keys_previous(self) -> tuple[bytes, ...]:
        """The field keys before the present one, newest first as given; empty where one is not base64."""
        given = self.field_key_previous.get_secret_value().replace("\n", ",").split(",")
        return tuple(_decode(key.strip()) for key in given if key.strip())

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `__Host-` and Secure: where the public address is https."""
        return self.public_base_url.startswith("https://")


_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_TOKEN = re.compile(r"[\x21-\x7e]+")
_PASSWORD_IN_URL = re.compile(r"(://[^:/@]*:).*@")

# Read by the tests and the demo, never by the service.
_NOT_SETTINGS = {f"{PREFIX}REAL_DATA", f"{PREFIX}CHROMIUM", f"{PREFIX}TEST_POSTGRES", f"{PREFIX}ADMIN_PASSWORD"}


def _is_gateway(url: str) -> bool:
    """Whether short messages may go there: encrypted or within this machine, nothing secret in the address."""
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        return False
    local = address.scheme == "http" and address.hostname in _LOOPBACK
    return (
        bool(address.hostname)
        and (address.scheme == "https" or local)
        and port != 0
        and "@" not in address.netloc
        and not address.query
        and not address.fragment
    )


def _said(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return _text(value)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _decode(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except ValueError:
        return b""


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}: 无法读取文件 / cannot read {path}: {error.strerror}") from None
