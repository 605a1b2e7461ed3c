"""违纪: what a proctor records of a breach, and the way from there to a decision by two other people."""
