"""What is refused about admission tickets and photographs. Pure."""

from app.errors import Conflict


class PhotographKept(Conflict):
    """A candidate sends a photograph once; another comes from the unit."""

    code = "ticket.photograph_kept"
    zh = "已有照片。需要更换的，请联系本单位联络员。"
    en = "There is a photograph already; if it must be replaced, please ask your unit's liaison."


class TicketsShut(Conflict):
    """Tickets are printed from one moment to another."""

    code = "ticket.shut"
    zh = "不在准考证打印时间内：{zh}"
    en = "Tickets cannot be printed now: {en}"
