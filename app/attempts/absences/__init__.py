"""缺考: who is absent from a room, stated by one person and confirmed by another; reasons recognised afterwards."""
