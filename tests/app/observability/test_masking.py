"""What must never stand in a log (P46): the list, in the shapes in which it really turns up."""

import pytest

from app.observability.masking import MASK, is_secret_name, mask, mask_text

ID_NUMBERS = [
    "11010519491231002X",
    "11010519491231002x",
    "110105194912310021",
    "110105 19491231 002X",
    "110105-19491231-002X",
    "１１０１０５１９４９１２３１００２Ｘ",
]


@pytest.mark.parametrize("number", ID_NUMBERS)
@pytest.mark.parametrize("around", ["{}", "身份证号{}无效", "row 3: {}.", "/people/{}/edit", '{{"id": "{}"}}'])
def test_an_id_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    masked = mask_text(around.format(number))
    assert number not in masked
    assert "1949" not in masked
    assert "１９４９" not in masked
    assert MASK in masked


def test_an_id_number_typed_as_a_number_is_masked() -> None:
    assert mask({"value": 110105194912310021, "rows": 807}) == {"value": MASK, "rows": 807}


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("Authorization: Bearer abc.DEF-123", "abc.DEF-123"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("Cookie: session=5f2e; other=77aa", "77aa"),
        ("Set-Cookie: __Host-session=5f2e; Path=/", "5f2e"),
        ("GET /callback?token=5f2e&x=1", "5f2e"),
        ("got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here", "c2ln"),
        ('{"password": "hunter2", "n": 1}', "hunter2"),
        ("password=hunter2", "hunter2"),
        ("totp_code: 492039", "492039"),
        ("check_code=7KQ2-M9XD", "7KQ2-M9XD"),
        ("/verify?code=7KQ2M9XD", "7KQ2M9XD"),
        ("[SQL: INSERT ...]\n[parameters: {'name': '张三', 'x': [1]}]\n(more)", "张三"),
        ("duplicate key value\nDETAIL:  Key (name)=(张三) already exists.", "张三"),
    ],
)
def test_secrets_inside_a_line_are_masked(line: str, secret: str) -> None:
    assert secret not in mask_text(line)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "session_token",
        "Set-Cookie",
        "authorization",
        "totp_code",
        "check_code",
        "code",
        "secret_key",
        "csrf_token",
        "recovery_codes",
    ],
)
def test_a_value_under_a_secret_name_is_masked_whatever_it_is(name: str) -> None:
    assert is_secret_name(name)
    assert mask({"deep": [{name: 12345}]}) == {"deep": [{name: MASK}]}


@pytest.mark.parametrize("name", ["error_code", "status_code", "dedupe_key", "kind", "keyboard", "decoder", "event"])
def test_ordinary_names_are_left_alone(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T20:12:38.123456Z",
        "807 items in 0.25 s",
        "request 0198a7b2-3c4d-7e8f-9012-3456789abcde",
        "第 1 考场",
        "certificate SF20260000444",
        "error code 23505",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


def test_what_is_no_json_becomes_masked_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return "password=hunter2"

    assert mask([Odd(), 1.5, True, None, {2}]) == [f"password={MASK}", 1.5, True, None, [2]]
