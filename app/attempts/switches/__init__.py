"""Rooms that go another way in an emergency: to reserve forms. Proposed by one person, carried out by another."""
