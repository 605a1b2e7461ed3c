"""What is printed of misconduct cases."""
