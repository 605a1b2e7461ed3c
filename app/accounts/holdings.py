"""What accounts keep for a term: printed codes, and where log-ins came from; both belong to a person."""

from sqlalchemy import func

from app.accounts.models import Account, LoginSession, PrintedCode
from app.holdings import Part

_BY_ACCOUNT = ((Account.id, Account.person_id),)

PRINTED_CODES = Part(PrintedCode.account_id, _BY_ACCOUNT, old=func.coalesce(PrintedCode.used_at, PrintedCode.ends_at))
# Attempts and declarations name the log-in in which they were made: it stays, and where it came from goes.
LOG_INS = Part(LoginSession.account_id, _BY_ACCOUNT, old=LoginSession.ends_at, leaves={"address": ""})
