"""考场记录表: one for each room, made from what happened, signed by two invigilators, never changed (decision 0026)."""
