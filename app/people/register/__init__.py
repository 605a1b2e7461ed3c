"""信息库: a county's units, party organisations and persons, brought in from one workbook."""
