"""Messages to persons: a row in the transaction that causes it, delivered afterwards (通知、站内消息)."""
