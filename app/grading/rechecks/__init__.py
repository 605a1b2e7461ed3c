"""成绩复核: a candidate asks, another person recounts, a third signs the answer."""
