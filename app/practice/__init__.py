"""练习: mock exams over practice banks, the book of wrong answers. Nothing here is an exam record (decision 0024)."""
