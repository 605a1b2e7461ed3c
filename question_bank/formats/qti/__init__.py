"""QTI 2.0, 2.1, 2.2 and 3.0: items and packages read, response processing interpreted, packages written."""
