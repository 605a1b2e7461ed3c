"""加密作答文件: what a page could not send, sealed on the candidate's computer, brought in by a proctor (P5, P9)."""
