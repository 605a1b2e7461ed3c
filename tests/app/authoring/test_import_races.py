"""Two people, or one person twice, at one import or at one file: the outcome is that of one after the other."""

import threading

from app.authoring.rules import ImportMoveRefused, ImportState, NothingToImport
from app.authoring.service import imports
from app.errors import AppError
from tests.app.authoring.test_imports import commit, stored


def race(*acts):
    """Run the acts at once; the outcomes, exceptions among them."""
    outcomes = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(at, act):
        barrier.wait()
        try:
            outcomes[at] = act()
        except AppError as error:
            outcomes[at] = error

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_commits_at_once_are_one(group, bank_docx):
    import_id = group.start(bank_docx)
    outcomes = race(*[lambda: commit(group, import_id, seen=120)] * 2)
    assert [o for o in outcomes if o == 120] == [120]
    assert [type(o) for o in outcomes if o != 120] == [ImportMoveRefused]
    assert len(group.items()) == 120
    assert len(group.acts("import:commit")) == 1


def test_a_commit_racing_a_discard_ends_one_way(group, bank_docx):
    import_id = group.start(bank_docx)

    def discard():
        with group.acting(group.author) as op:
            imports.discard_import(op, import_id=import_id)
        return "discarded"

    outcomes = race(lambda: commit(group, import_id, seen=120), discard)
    assert sum(isinstance(o, ImportMoveRefused) for o in outcomes) == 1
    state = stored(group, import_id).state
    assert len(group.items()) == (120 if state is ImportState.COMMITTED else 0)
    assert state is (ImportState.COMMITTED if 120 in outcomes else ImportState.DISCARDED)


def test_the_same_file_committed_twice_at_once_enters_once(group, bank_docx):
    """Two imports of one file: the second to take the bank's lock finds every item there."""
    first, second = group.start(bank_docx), group.start(bank_docx, by=group.colleague)
    outcomes = race(lambda: commit(group, first, seen=120), lambda: commit(group, second, seen=120, by=group.colleague))
    assert 120 in outcomes
    assert sum(isinstance(o, NothingToImport) for o in outcomes) == 1
    assert len(group.items()) == 120
