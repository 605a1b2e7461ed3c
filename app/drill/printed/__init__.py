"""The report of a drill on paper."""
