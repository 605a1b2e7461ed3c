"""What is printed beside words: QR codes and photographs, as the SVG that typst takes from data."""

import base64
import io

import segno


def qr_code(text: str, *, dark: str = "#2a2118") -> str:
    """The QR code as SVG, dark modules on nothing; never a micro code, which few readers know."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, dark=dark, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def framed_photo(photo: bytes) -> str:
    """A JPEG of 295 × 413 pixels as SVG: typst reads no file, so nothing lies about on disk."""
    data = base64.b64encode(photo).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="295" height="413" viewBox="0 0 295 413">'
        f'<image href="data:image/jpeg;base64,{data}" width="295" height="413" preserveAspectRatio="xMidYMid slice"/>'
        "</svg>"
    )
