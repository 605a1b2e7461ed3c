"""Every table of the service in one place: what migrations are compared with.

Importing a feature's tables is enough to know them; nothing else of the feature is touched.
"""

import app.accounts.models
import app.attempts.absences.models
import app.attempts.hall.models
import app.attempts.lockdown.models
import app.attempts.misconduct.models
import app.attempts.models
import app.attempts.room_day.models
import app.attempts.signals.models
import app.attempts.sitting_record.models
import app.attempts.technical_faults.models
import app.audit.models
import app.authoring.import_models
import app.authoring.models
import app.authoring.register_models
import app.authoring.review_models
import app.certificates.models
import app.clearance.models
import app.drill.models
import app.exams.best_form.models
import app.exams.lockdown_models
import app.exams.make_ups.models
import app.exams.models
import app.exams.registration_models
import app.grading.models
import app.grading.rechecks.models
import app.grading.rescoring.models
import app.grading.similarity.models
import app.idempotency
import app.jobs.models
import app.observability.instances
import app.outbox.models
import app.people.models
import app.practice.models
import app.retention.models
import app.security.signing_keys
import app.security.throttle
from app.database import Base

OWNERS = (
    app.accounts.models,
    app.attempts.lockdown.models,
    app.attempts.models,
    app.audit.models,
    app.authoring.models,
    app.certificates.models,
    app.clearance.models,
    app.drill.models,
    app.exams.lockdown_models,
    app.exams.models,
    app.grading.models,
    app.grading.rechecks.models,
    app.grading.rescoring.models,
    app.idempotency,
    app.jobs.models,
    app.observability.instances,
    app.outbox.models,
    app.people.models,
    app.practice.models,
    app.retention.models,
    app.security.signing_keys,
    app.security.throttle,
)
METADATA = Base.metadata
