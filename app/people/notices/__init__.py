"""纸质通知: what persons who do not sign in are told, printed by the liaison of their unit and signed for."""
