"""Which holdings each class of records has, and which registrations what is open holds: the features, put together."""

from collections.abc import Callable, Mapping

from sqlalchemy import Select

from app.attempts import holdings as attempts
from app.attempts.misconduct.queries import undecided as undecided_cases
from app.attempts.response_files.queries import undecided as undecided_files
from app.authoring.holdings import IMPORTS
from app.certificates.holdings import PHONES, PHOTOGRAPHS, REVIEWS
from app.certificates.queries import suspended_holders
from app.clearance.holdings import OBJECTIONS
from app.clearance.queries import objected, open_cases
from app.drill.holdings import DRILLS
from app.exams.holdings import ACCOMMODATIONS, FORMS, ROSTERS
from app.exams.queries.over import persons_of_registrations
from app.grading.holdings import SIMILARITY
from app.grading.queries import unreleased
from app.grading.rechecks.queries import unanswered
from app.grading.rescoring.queries import unsettled
from app.holdings import Holding
from app.outbox.holdings import notices
from app.practice.holdings import PRACTICE
from app.retention.rules.classes import Hold, RecordClass

BY_CLASS: Mapping[RecordClass, tuple[Holding, ...]] = {
    RecordClass.RESPONSES: (attempts.RESPONSES,),
    RecordClass.FORMS: (FORMS,),
    RecordClass.SIGNALS: (attempts.SIGNALS, SIMILARITY),
    RecordClass.PHOTOGRAPHS: (PHOTOGRAPHS,),
    RecordClass.PHONES: (PHONES,),
    RecordClass.CONSENTS: (attempts.CONSENTS,),
    RecordClass.CODES: (attempts.CODES,),
    RecordClass.PRACTICE: (PRACTICE,),
    RecordClass.MISCONDUCT: (attempts.MISCONDUCT,),
    RecordClass.SCANS: (attempts.SCANS,),
    RecordClass.DRILLS: (DRILLS,),
    RecordClass.IMPORTS: (IMPORTS,),
    RecordClass.NOTICES: (notices(persons_of_registrations),),
    RecordClass.REVIEWS: (REVIEWS,),
    RecordClass.OBJECTIONS: (OBJECTIONS,),
    RecordClass.EXCUSES: (attempts.EXCUSES,),
    RecordClass.FAULTS: (attempts.FAULTS,),
    RecordClass.ACCOMMODATIONS: (ACCOMMODATIONS,),
    RecordClass.HALL: (attempts.HALL,),
    RecordClass.ROOMS: (attempts.NOTES, attempts.ROOMS),
    RecordClass.ROSTERS: (ROSTERS,),
}
"""Every class that has a term; what is kept for good has no holding, and so nothing can list it."""

HELD: Mapping[Hold, Callable[[], Select[int]]] = {
    Hold.UNRELEASED: unreleased,
    Hold.CASE: open_cases,
    Hold.OBJECTION: objected,
    Hold.RECHECK: unanswered,
    Hold.CORRECTION: unsettled,
    Hold.MISCONDUCT: undecided_cases,
    Hold.LATE_FILE: undecided_files,
    Hold.CERTIFICATE: suspended_holders,
}
"""The registrations that each hold stops the destruction of."""
