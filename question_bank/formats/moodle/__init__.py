"""Formats in which Moodle gives and takes banks: GIFT, Aiken and Moodle XML, read into one kind of record."""
