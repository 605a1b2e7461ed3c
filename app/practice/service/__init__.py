"""What is done in practice: mock exams are opened and closed, attempts run and end, books of wrong answers are kept."""
