"""The rehearsal itself: a process of its own that knows the place of the drill and nothing of production."""
