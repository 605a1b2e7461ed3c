"""考试浏览器: who is let in to an exam that is sat in Safe Exam Browser alone (P53; decision 0017)."""
