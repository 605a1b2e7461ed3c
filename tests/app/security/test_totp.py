from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from app.security import totp

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_vectors_of_rfc_6238_hold(seconds, code):
    assert totp.verify(RFC_SECRET, code, now=at(seconds), last_step=None) == seconds // 30


def test_one_step_early_or_late_is_tolerated_and_two_are_not():
    now = at(1234567890)
    for shift, step in ((-30, -1), (0, 0), (30, 1)):
        assert totp.verify(RFC_SECRET, "005924", now=now + timedelta(seconds=shift), last_step=None) == 41152263, step
    for shift in (-60, 60):
        assert totp.verify(RFC_SECRET, "005924", now=now + timedelta(seconds=shift), last_step=None) is None


def test_a_code_is_good_once():
    now = at(1234567890)
    step = totp.verify(RFC_SECRET, "005924", now=now, last_step=None)
    assert totp.verify(RFC_SECRET, "005924", now=now, last_step=step) is None
    assert totp.verify(RFC_SECRET, "005924", now=now + timedelta(seconds=20), last_step=step) is None
    assert totp.verify(RFC_SECRET, "005924", now=now, last_step=step - 1) == step


@pytest.mark.parametrize(
    "code", ["", "00592", "0059244", "00592a", "x" * 100_000, "\ud800" * 6, "٠٠٥٩٢٤٤", "-05924", "00.924", "५५५५५५"]
)
def test_what_is_no_code_is_refused_quietly(code):  # P41
    assert totp.verify(RFC_SECRET, code, now=at(1234567890), last_step=None) is None


@pytest.mark.parametrize("code", ["005 924", " 005924 ", "００５９２４"])
def test_blanks_and_full_width_digits_are_taken_as_meant(code):
    assert totp.verify(RFC_SECRET, code, now=at(1234567890), last_step=None) is not None


def test_a_new_secret_has_160_random_bits():
    secrets = {totp.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {32}


def test_the_address_names_account_and_issuer():
    uri = totp.provisioning_uri(RFC_SECRET, account="张伟", issuer="中共示范县委组织部")
    assert uri.startswith("otpauth://totp/%E4%B8%AD")
    assert f"secret={RFC_SECRET}" in uri


def test_the_qr_code_is_an_image_with_a_title_and_nothing_that_runs():  # P42
    svg = totp.qr_svg(totp.provisioning_uri(RFC_SECRET, account="<b>&", issuer="x"), title="扫码 <script>")
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    assert [element.text for element in root.iter() if element.tag.endswith("title")] == ["扫码 <script>"]
    assert "style" not in svg
    assert "<script" not in svg
