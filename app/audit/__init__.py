"""The audit log: who did what to what, when and why; append-only, sealed in a Merkle log, anchored outside."""
