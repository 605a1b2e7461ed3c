"""What the service says about itself: its log, its figures, its health, its version."""
