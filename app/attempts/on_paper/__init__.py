"""A sitting finished on paper: sheets keyed twice by two people, differences settled, then scored like the rest."""
