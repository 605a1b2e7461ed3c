"""Whose copy a file is, as a comment of its format."""

import io
import zipfile

_DECLARATION_END = b"?>\n"


def mark_copy(data: bytes, file_format: str, mark: str) -> bytes:
    """The file with the mark, on one line. Raises ValueError for a format that has no comments."""
    words = " ".join(mark.split()).replace("--", "- -")
    if file_format == "gift":
        return f"// {words}\n\n".encode() + data
    if file_format == "moodle-xml":
        declaration, end, rest = data.partition(_DECLARATION_END)
        return declaration + end + f"<!-- {words} -->\n".encode() + rest
    if file_format in ("qti21", "qti30", "xlsx", "docx"):
        stream = io.BytesIO(data)
        with zipfile.ZipFile(stream, "a") as package:
            package.comment = words.encode()
        return stream.getvalue()
    raise ValueError(file_format)
