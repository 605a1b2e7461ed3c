"""The proctor's side of an exam day: the board of a room, and what is done from it."""
