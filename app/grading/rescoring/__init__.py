"""更正与重新评分: a faulty item after the exam, corrected by two people, everyone scored anew (decision 0028)."""
