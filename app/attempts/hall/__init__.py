"""What proctors and candidates say to each other during a sitting."""
