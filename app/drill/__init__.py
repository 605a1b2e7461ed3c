"""演练: a rehearsal of a configured exam on the real deployment, with synthetic candidates in a place of its own."""
