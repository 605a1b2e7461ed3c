"""考场流程: how the day of one room goes: opened by its proctor, said to have begun, closed (decision 0026)."""
