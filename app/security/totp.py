"""The second factor from a phone: RFC 6238, six digits, thirty seconds, one step of tolerance, each code good once.

The secret is personal to an account and is stored encrypted, by whoever owns the account. The step of the last
accepted code is stored beside it: a code read over someone's shoulder is of no use any more.
"""

import hmac
import unicodedata
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DIGITS = 6
_TOLERANCE = 1


def new_secret() -> str:
    """A new secret of 160 random bits, in Base32 as phones expect it."""
    return pyotp.random_base32(32)


def verify(secret: str, code: str, *, now: datetime, last_step: int | None) -> int | None:
    """The time step whose code was given, to be stored as the next `last_step`; None where the code is refused.

    Accepts the step of `now` and one on either side, and none at or before `last_step`. Compares with all three
    whatever it finds. Full-width digits and blanks are taken as meant.
    """
    typed = _read(code)
    present = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    found = None
    for step in range(present + _TOLERANCE, present - _TOLERANCE - 1, -1):
        if hmac.compare_digest(generator.generate_otp(step), typed) and (last_step is None or step > last_step):
            found = step
    return found


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth:` address that a phone reads, naming the account and who issued it."""
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    uri: str = generator.provisioning_uri(name=account, issuer_name=issuer)
    return uri


def qr_svg(uri: str, *, title: str) -> str:
    """`uri` as a QR code: an inline SVG element without style or script, `title` for those who cannot see it."""
    code = segno.make(uri, error="m", micro=False)
    svg: str = code.svg_inline(scale=4, border=4, light="#fff", title=title, svgclass=None, lineclass=None)
    return svg


def _read(code: str) -> str:
    """The digits typed, or a string that equals no code."""
    if len(code) > 64:
        return ""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else ""
