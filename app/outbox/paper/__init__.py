"""站内消息 on paper: which are printed and how, which were, and whose receipt came back."""
