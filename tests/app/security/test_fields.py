import base64

import pytest

from app.security.fields import ERASED, FieldCipher, MasterKey, PersonErased, Place, Unreadable, person_context

FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))
INDEX_KEY = b"i" * 32
ID_NUMBER = "11010519491231002X"
PLACE = Place("person", "id_number", 7, 7)


@pytest.fixture
def cipher():
    return FieldCipher(MasterKey(FIRST), index_key=INDEX_KEY)


@pytest.mark.parametrize("value", [ID_NUMBER, "", "不同意", "😀" * 500, "\0", "\ud800", " a "])
def test_what_is_written_is_read_again(cipher, value):
    key = cipher.new_key(7)
    assert cipher.decrypt(key, PLACE, cipher.encrypt(key, PLACE, value)) == value


def test_nothing_stored_shows_the_value_or_repeats_itself(cipher):  # P46
    key = cipher.new_key(7)
    stored = [cipher.encrypt(key, PLACE, ID_NUMBER) for _ in range(10)]
    assert len(set(stored)) == 10
    for text in stored:
        assert ID_NUMBER not in text
        assert ID_NUMBER.encode() not in base64.urlsafe_b64decode(text.split(".")[1])


def test_a_short_verdict_and_a_longer_one_look_alike(cipher):
    key = cipher.new_key(7)
    assert (
        len({len(cipher.encrypt(key, PLACE, value)) for value in ("同意", "不同意", "暂缓", "clear", "adverse")}) == 1
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("account", "id_number", 7, 7),
        Place("person", "phone", 7, 7),
        Place("person", "id_number", 8, 7),
        Place("person", "id_number", 8, 8),
        Place('person", "id_number', "", "7", 7),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(cipher, elsewhere):
    key = cipher.new_key(7)
    stored = cipher.encrypt(key, PLACE, ID_NUMBER)
    with pytest.raises(Unreadable):
        cipher.decrypt(key, elsewhere, stored)


def test_one_person_s_key_opens_nothing_of_another(cipher):
    mine, theirs = cipher.new_key(7), cipher.new_key(8)
    stored = cipher.encrypt(mine, PLACE, ID_NUMBER)
    with pytest.raises(Unreadable):
        cipher.decrypt(theirs, PLACE, stored)
    with pytest.raises(Unreadable):  # nor does a stolen wrapped key open under another person's name
        cipher.decrypt(mine, Place("person", "id_number", 8, 8), stored)


def test_every_changed_byte_is_seen(cipher):
    key = cipher.new_key(7)
    stored = cipher.encrypt(key, PLACE, ID_NUMBER)
    version, body = stored.split(".")
    with pytest.raises(Unreadable):
        cipher.decrypt(key, PLACE, f"v2.{body}")
    raw = base64.urlsafe_b64decode(body)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Unreadable):
            cipher.decrypt(key, PLACE, f"{version}.{base64.urlsafe_b64encode(changed).decode()}")


@pytest.mark.parametrize("text", ["", ".", "v1.", "v1.AAAA", "v1.???", "v1.令", "v2." + "A" * 80, "plain text"])
def test_what_is_no_ciphertext_is_refused_with_a_sentence(cipher, text):
    with pytest.raises(Unreadable) as refusal:
        cipher.decrypt(cipher.new_key(7), PLACE, text)
    assert "字段密钥" in refusal.value.sentence("zh")
    with pytest.raises(Unreadable):
        cipher.decrypt(text, PLACE, cipher.encrypt(cipher.new_key(7), PLACE, "x"))


def test_erasing_the_key_erases_the_person(cipher):  # P47
    stored = cipher.encrypt(cipher.new_key(7), PLACE, ID_NUMBER)
    assert cipher.decrypt(None, PLACE, stored) is ERASED
    with pytest.raises(PersonErased):
        cipher.encrypt(None, PLACE, ID_NUMBER)
    with pytest.raises(Unreadable):  # a new key for the same person does not bring it back
        cipher.decrypt(cipher.new_key(7), PLACE, stored)


def test_the_field_key_rotates_without_touching_a_value(cipher):
    key = cipher.new_key(7)
    stored = cipher.encrypt(key, PLACE, ID_NUMBER)
    both = FieldCipher(MasterKey(SECOND, previous=(FIRST,)), index_key=INDEX_KEY)
    assert both.decrypt(key, PLACE, stored) == ID_NUMBER
    assert not both.master.is_current(key)
    renewed = both.master.rewrap(key, context=person_context(7))
    assert both.master.is_current(renewed)
    assert both.master.rewrap(renewed, context=person_context(7)) == renewed
    after = FieldCipher(MasterKey(SECOND), index_key=INDEX_KEY)
    assert after.decrypt(renewed, PLACE, stored) == ID_NUMBER
    with pytest.raises(Unreadable):
        after.decrypt(key, PLACE, stored)
    with pytest.raises(Unreadable):
        both.master.rewrap(key, context=person_context(8))


def test_a_field_key_of_another_size_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(FIRST, previous=(b"short",))


def test_equal_values_are_found_however_they_were_typed(cipher):  # P46
    index = cipher.blind_index(ID_NUMBER, index="person.id_number")
    assert len(index) == 32
    assert int(index, 16)
    for typed in ("11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"):
        assert cipher.blind_index(typed, index="person.id_number") == index
    assert cipher.blind_index("110105194912310021", index="person.id_number") != index


def test_an_index_needs_its_key_and_joins_no_two_columns(cipher):
    index = cipher.blind_index(ID_NUMBER, index="person.id_number")
    assert cipher.blind_index(ID_NUMBER, index="import.id_number") != index
    assert FieldCipher(MasterKey(FIRST), index_key=b"j" * 32).blind_index(ID_NUMBER, index="person.id_number") != index
    assert cipher.blind_index("\ud800", index="person.id_number")
