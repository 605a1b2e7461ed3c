"""What item texts are written in: Markdown of a small dialect, formulas, pictures; how they are read, shown, plain."""

from question_bank.content.conversion import Converted, from_html, from_markdown
from question_bank.content.findings import pictures_in, problems
from question_bank.content.hypertext import PictureAddress, render
from question_bank.content.pictures import InvalidPicture, Picture, accept_picture
from question_bank.content.plaintext import escape, is_plain, plain

__all__ = [
    "Converted",
    "InvalidPicture",
    "Picture",
    "PictureAddress",
    "accept_picture",
    "escape",
    "from_html",
    "from_markdown",
    "is_plain",
    "pictures_in",
    "plain",
    "problems",
    "render",
]
