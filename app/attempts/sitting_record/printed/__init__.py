"""What is printed of the records of rooms."""
