from app.security.derivation import Purpose, derive


def test_each_purpose_has_a_key_of_its_own_and_each_root_other_keys():
    keys = [derive(root, purpose) for root in ("first root " * 4, "other root " * 4) for purpose in Purpose]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {32}


def test_a_derived_key_never_changes():
    # A release that derived another key would orphan every receipt and every blind index.
    assert derive("root", Purpose.BLIND_INDEX).hex() == (
        "99c95fbff962da350eb39043f5cbf27fb10cd300e799cd9e70c45eedcb93a1e3"
    )
