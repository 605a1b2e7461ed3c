"""作答相似: pairs of candidates worth a look after a sitting: evidence for people, with its figures and limits."""
