import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    find_root,
    frontier_ends,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)


def naive_root(leaves):
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaves_of(size):
    return [hash_leaf(str(number).encode()) for number in range(size)]


sizes = st.integers(min_value=1, max_value=70)


def test_known_roots_of_rfc_6962_test_data():
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [hash_leaf(bytes.fromhex(text)) for text in inputs]
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert find_root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert find_root(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert find_root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.integers(min_value=0, max_value=200))
def test_the_frontier_gives_the_root_that_the_definition_gives(size):
    assert find_root(leaves_of(size)) == naive_root(leaves_of(size))


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=0, max_value=30))
def test_a_frontier_read_back_from_the_subtrees_goes_on_as_if_never_put_away(size, more):
    leaves = leaves_of(size + more)
    first = Frontier()
    subtrees = [first.append(leaf) for leaf in leaves[:size]]
    again = Frontier(size, [subtrees[end] for end in frontier_ends(size)])
    for leaf in leaves[size:]:
        again.append(leaf)
    assert again.root() == naive_root(leaves)
    assert again.size == size + more


def test_a_frontier_with_the_wrong_number_of_nodes_is_refused():
    with pytest.raises(ValueError, match="perfect subtrees"):
        Frontier(5, [EMPTY_ROOT])


@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_other_leaf_place_or_root_is(size, data):
    leaves = leaves_of(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    root, proof = naive_root(leaves), prove_inclusion(leaves, index)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert not verify_inclusion(hash_leaf(b"another"), index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, proof, hash_leaf(b"root"))
    assert not verify_inclusion(leaves[index], size, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
    if proof:
        assert not verify_inclusion(leaves[index], index, size, proof[:-1], root)
        elsewhere = data.draw(st.integers(min_value=0, max_value=size - 1).filter(lambda other: other != index))
        assert not verify_inclusion(leaves[index], elsewhere, size, proof, root)


@given(sizes, st.data())
def test_every_beginning_is_proven_and_no_rewritten_one_is(size, data):
    leaves = leaves_of(size)
    old = data.draw(st.integers(min_value=1, max_value=size))
    old_root, root, proof = naive_root(leaves[:old]), naive_root(leaves), prove_consistency(leaves, old)
    assert verify_consistency(old, old_root, size, root, proof)
    rewritten = naive_root([hash_leaf(b"rewritten"), *leaves[1:old]])
    assert not verify_consistency(old, rewritten, size, root, proof)
    assert not verify_consistency(old, old_root, size, hash_leaf(b"root"), proof)
    assert not verify_consistency(old, old_root, size, root, [*proof, root])
    assert not verify_consistency(size + 1, old_root, size, root, proof)


def test_proofs_outside_the_list_are_refused():
    for size in (0, 4):
        with pytest.raises(IndexError):
            prove_consistency(leaves_of(3), size)
    for index in (-1, 3):
        with pytest.raises(IndexError):
            prove_inclusion(leaves_of(3), index)
    assert not verify_consistency(1, EMPTY_ROOT, 2, EMPTY_ROOT, [])
    assert not verify_consistency(3, EMPTY_ROOT, 7, EMPTY_ROOT, [])
