"""Sealing: all or nothing, by two people, and what can be recomputed afterwards."""


def test_smoke(world):
    exam_id = world.sealed_exam()
    assert exam_id
