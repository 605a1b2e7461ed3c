"""监督要求: how closely an exam looks at what happens at a candidate's screen. Planned and approved with the exam, told
to the candidates before it begins; which signals a level takes is decided in `app.attempts.signals`. Pure."""

from enum import StrEnum


class Integrity(StrEnum):
    """监督要求 of an exam, each level holding what the one before it holds."""

    BASIC = "basic"
    """Only what the service refuses anyway."""
    STANDARD = "standard"
    """Also that the page was left, and that the network address is another."""
    STRICT = "strict"
    """Also that the full screen was left, which the page then asks for."""
