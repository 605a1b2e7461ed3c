"""培训学时: hours of training of a person, entered by one, confirmed by another, asked for by eligibility."""
