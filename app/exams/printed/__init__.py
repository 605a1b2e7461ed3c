"""What an exam puts on paper beside its forms: admission tickets, door sheets, seat labels, lists. Pure: data in, PDF
out; the same data give the same bytes."""
