"""过程记录: what was noticed of a sitting: evidence for people, with which the service itself does nothing."""
