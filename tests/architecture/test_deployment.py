"""What is delivered for running the service names only what it knows, and gives no container more than it needs."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(rf"\b{PREFIX}[A-Z0-9_]+\b")
FIELDS = {PREFIX + name.upper() for name in Settings.model_fields}
SECRETS = {
    PREFIX + name.upper() for name, field in Settings.model_fields.items() if isinstance(field.default, SecretStr)
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def read_blocks(text: str, section: str) -> dict[str, str]:
    """The entries of a top-level section of the compose file, by name, as text."""
    body = re.split(r"^(?=\S)", text.split(f"\n{section}:\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^  ([a-z0-9_-]+):", body, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("name", ["compose.yaml", ".env.example", "Dockerfile", "deploy/nginx.conf"])
def test_no_setting_is_named_that_the_service_does_not_know(name: str) -> None:
    named = set(NAME.findall(read(name)))
    assert {word for word in named if word not in FIELDS and word.removesuffix("_FILE") not in FIELDS} == set()


def test_every_setting_is_explained_with_the_value_that_holds_unset() -> None:  # P40
    text = read(".env.example")
    given = dict(re.findall(r"^#?(CHIZHENG_[A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
    assert {name.removesuffix("_FILE") for name in given} == FIELDS
    examples = {f"{PREFIX}PUBLIC_BASE_URL"}  # has no value that would suit anyone
    for name, value in given.items():
        if name in FIELDS - examples:
            default = Settings.model_fields[name.removeprefix(PREFIX).lower()].default
            written = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
            assert value == (written.lower() if isinstance(default, bool) else written), name


@pytest.mark.parametrize("name", ["compose.yaml", ".env.example", "Dockerfile"])
def test_secrets_come_as_files(name: str) -> None:  # P40
    named = set(NAME.findall(read(name)))
    assert named & (SECRETS | {"POSTGRES_PASSWORD"}) == set()
    assert not re.search(r"\bPOSTGRES_PASSWORD\b", read(name))


def test_compose_gives_every_secret_that_production_asks_for() -> None:
    text = read("compose.yaml")
    files = re.findall(r"\b(CHIZHENG_[A-Z_]+)_FILE: /run/secrets/([a-z_]+)$", text, flags=re.MULTILINE)
    assert {name for name, _ in files} >= SECRETS
    assert {secret for _, secret in files} <= set(read_blocks(text, "secrets"))
    made = set(re.findall(r'\$folder/([a-z_]+)"', read("deploy/make_secrets.sh")))
    kept = set(re.findall(r"file: deploy/secrets/([a-z_]+)", text))
    assert kept == made
    assert "/deploy/secrets/" in read(".gitignore")


def test_every_container_is_confined() -> None:
    text = read("compose.yaml")
    confined = text.split("x-confined: &confined\n", 1)[1].split("\n\n", 1)[0]
    for rule in ("read_only: true", "no-new-privileges:true", "cap_drop: [ALL]"):
        assert rule in confined
    assert "<<: *confined" in text.split("x-chizheng: &chizheng\n", 1)[1].split("\n\n", 1)[0]
    services = read_blocks(text, "services")
    assert set(services) == {"proxy", "app-1", "app-2", "worker", "migrate", "postgres"}
    for name, service in services.items():
        assert re.search(r"<<: \*(confined|chizheng|app)\n", service), name
        assert "privileged: true" not in service
        assert "read_only: false" not in service
    for name in ("proxy", "postgres"):
        assert re.search(r'user: "[1-9]\d*:[1-9]\d*"', services[name]), name


def test_only_the_proxy_is_reached_from_outside_and_the_database_only_from_inside() -> None:
    text = read("compose.yaml")
    services = read_blocks(text, "services")
    assert [name for name, service in services.items() if "ports:" in service] == ["proxy"]
    assert "networks: [back]" in services["postgres"]
    assert "internal: true" in read_blocks(text, "networks")["back"]
    trusted = re.search(r"CHIZHENG_TRUSTED_PROXIES: (\S+)", text)
    assert trusted
    assert f"ipv4_address: {trusted[1]}" in services["proxy"]


def test_the_image_runs_without_rights_and_says_whether_it_is_well() -> None:
    text = read("Dockerfile")
    assert re.findall(r"^USER (.+)$", text, flags=re.MULTILINE)[-1] == "10001:10001"
    assert "--require-hashes" in text
    assert "apt-get" not in text
    address = re.search(r"^HEALTHCHECK .*\n.*'(http://[^']+)'", text, flags=re.MULTILINE)
    assert address
    assert urlsplit(address[1]).path == "/healthz"
    assert urlsplit(address[1]).port == Settings.model_fields["port"].default


def test_what_the_image_copies_is_sent_to_its_builder_and_exists() -> None:
    sent = set(re.findall(r"^!(\S+)$", read(".dockerignore"), flags=re.MULTILINE))
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", read("Dockerfile"), flags=re.MULTILINE))
    assert copied == sent
    assert {name for name in copied if not (ROOT / name).exists()} == set()


def test_the_proxy_keeps_events_flowing_and_forged_addresses_out() -> None:
    text = read("deploy/nginx.conf")
    for rule in (
        "proxy_buffering off;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "proxy_next_upstream error timeout;",
    ):
        assert rule in text
    limit = re.search(r"client_max_body_size (\d+)m;", text)
    assert limit
    assert int(limit[1]) > Settings.model_fields["upload_limit_mb"].default
    assert text.count("{") == text.count("}")
