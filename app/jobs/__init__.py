"""Background work (后台作业): one table, the same code on both databases, enqueued in the business transaction."""
