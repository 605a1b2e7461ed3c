"""Every table is in a class of retention or on the list of what stays, with its reason (P37, P46)."""

from app.retention.holdings import BY_CLASS
from app.retention.rules.lasting import LASTING
from app.tables import METADATA

PARTS = [part for holdings in BY_CLASS.values() for holding in holdings for part in holding.parts]
WHOLE = {part.table.name for part in PARTS if part.leaves is None}
LEFT = {(part.table.name, column) for part in PARTS for column in part.leaves or ()}
STAYING = {
    ("account", "totp_cipher"),  # what an account signs in with
    ("certificate_act", "reason_cipher"),  # a step in the life of a certificate is never without its reason
    ("exam", "seed_cipher"),  # nothing of a person
    ("lockdown_file", "quit_cipher"),  # nothing of a person
    ("person", "id_number_cipher"),  # who a certificate is of
    ("signing_key", "private_cipher"),  # nothing of a person
}
"""What is encrypted and stays."""


def test_every_table_is_in_a_class_or_stays_for_a_reason():
    stays = [table for one in LASTING for table in one.tables]
    assert len(stays) == len(set(stays))
    assert set(stays) | WHOLE == set(METADATA.tables)
    assert not set(stays) & WHOLE
    assert all(one.zh and one.en and one.why_zh and one.why_en for one in LASTING)


def test_what_is_encrypted_goes_at_the_end_of_its_term_or_is_named():
    encrypted = {
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name.endswith("_cipher") and table.name not in WHOLE
    }
    assert encrypted - LEFT == STAYING
