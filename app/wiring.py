"""Who listens to whom, what runs in the background, which desks there are: the features, put together."""

import os
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.routing import Route

from app import idempotency
from app.accounts import sign_in
from app.accounts.pages import desk as accounts_desk
from app.accounts.register import REGISTER
from app.accounts.sessions import FACTORS
from app.accounts.waiting import waiting as accounts_waiting
from app.attempts import hot_routes as attempts_routes
from app.attempts import make_ups as room_make_ups
from app.attempts.absences.pages import desk as absences_desk
from app.attempts.absences.service import waiting as absences_waiting
from app.attempts.events import (
    AbsenceExcused,
    AbsencesClosed,
    AbsencesReopened,
    AttemptClosed,
    FaultRecognised,
    FaultReported,
    MisconductSettled,
    PersonBarred,
)
from app.attempts.hall.hand_pages import desk as hands_desk
from app.attempts.hall.pages import desk as hall_desk
from app.attempts.hall.readings import Readings
from app.attempts.hall.report_pages import desk as item_reports_desk
from app.attempts.hall.reports import waiting as item_reports_waiting
from app.attempts.journal import Journal
from app.attempts.lockdown.pages import desk as lockdown_desk
from app.attempts.misconduct.own_pages import desk as own_misconduct_desk
from app.attempts.misconduct.pages import desk as misconduct_desk
from app.attempts.misconduct.waiting import waiting as misconduct_waiting
from app.attempts.on_paper.pages import desk as sheets_desk
from app.attempts.on_paper.service import waiting as sheets_waiting
from app.attempts.pages import desk as attempts_desk
from app.attempts.proctoring.control import Happenings
from app.attempts.proctoring.control_pages import desk as control_desk
from app.attempts.proctoring.live import Boards
from app.attempts.proctoring.presence import GATHERED_FOR, Presences, forget_presences
from app.attempts.receipt_pages import desk as receipts_desk
from app.attempts.response_files.pages import desk as response_files_desk
from app.attempts.response_files.service import waiting as response_files_waiting
from app.attempts.room_day.pages import desk as room_day_desk
from app.attempts.room_day.service import waiting as room_day_waiting
from app.attempts.service import Folder, sweep
from app.attempts.service import waiting as attempts_waiting
from app.attempts.service.check_in import CODES
from app.attempts.signals.gathering import Signals
from app.attempts.signals.pages import desk as signals_desk
from app.attempts.signals.service import waiting as signals_waiting
from app.attempts.sitting_pages import desk as sitting_desk
from app.attempts.sitting_record.pages import desk as sitting_record_desk
from app.attempts.sitting_record.service import waiting as sitting_record_waiting
from app.attempts.switches.pages import desk as switches_desk
from app.attempts.switches.service import waiting as switches_waiting
from app.attempts.technical_faults.pages import desk as technical_faults_desk
from app.attempts.technical_faults.service import waiting as technical_faults_waiting
from app.audit import checking as audit_checking
from app.audit.pages import desk as audit_desk
from app.audit.pages import waiting as audit_waiting
from app.audit.reading import Register
from app.audit.sealing import seal
from app.authoring.events import SupplyRestored, SupplyShrinks
from app.authoring.pages import desk as authoring_desk
from app.authoring.pages import hall as authoring_hall
from app.authoring.service import import_jobs, together
from app.authoring.service import waiting as authoring_waiting
from app.authoring.service.commits import withdraw_abandoned
from app.authoring.service.indexing import index_pending
from app.authoring.service.near import compare_imports
from app.authoring.service.outlooks import Outlooks
from app.authoring.service.pairs import look_through
from app.authoring.service.promises import Promises
from app.authoring.service.staging import forget_settled, lay_out_packed
from app.certificates.pages import desk as certificates_desk
from app.certificates.service.acts import suspend_on_adverse, suspend_on_bar, suspend_on_lost_pass
from app.certificates.service.endings import warn_of_ends
from app.certificates.service.figures import figures as certificate_figures
from app.certificates.service.issuing import JOB as ISSUE_BATCH
from app.certificates.service.issuing import make_handler as issue_handler
from app.certificates.service.tasks import waiting as certificates_waiting
from app.certificates.service.verifying import SignedLists
from app.clearance.events import AdverseOutcomeSigned
from app.clearance.pages import desk as clearance_desk
from app.clearance.service import checks
from app.clearance.service.withdrawals import withdraw
from app.clearance.waiting import waiting as clearance_waiting
from app.clock import SystemClock
from app.drill import service as drills
from app.drill.pages import desk as drill_desk
from app.drill.service.telling import under_way as drill_under_way
from app.exams.best_form import service as best_form
from app.exams.pages import desk as exams_desk
from app.exams.registering.waiting import waiting as registering_waiting
from app.exams.service.alerts import settle_alerts, warn_of_shortage
from app.exams.service.drawing import SEEDS
from app.exams.service.lockdown import QUIT_PASSWORDS
from app.exams.service.ticket_news import announce_tickets
from app.exams.service.waiting import waiting as exams_waiting
from app.grading import calibrating
from app.grading import make_ups as result_make_ups
from app.grading import service as grading
from app.grading.absences import follow_absences, take_back_absences
from app.grading.events import PassConfirmed, PassLost, ResultsReleased, ResultsRescored
from app.grading.marking import Marker
from app.grading.misconduct import follow_ruling
from app.grading.pages import desk as grading_desk
from app.grading.rechecks.pages import desk as rechecks_desk
from app.grading.rechecks.service import waiting as rechecks_waiting
from app.grading.rescoring import applying as rescoring
from app.grading.rescoring.pages import desk as rescoring_desk
from app.grading.rescoring.service import JOB as RESCORE
from app.grading.rescoring.service import waiting as rescoring_waiting
from app.grading.service import FrozenItems
from app.grading.similarity import service as similarity
from app.grading.similarity.pages import desk as similarity_desk
from app.grading.technical_faults import keep_in_time
from app.jobs.beats import Beats
from app.jobs.worker import Tick, Worker
from app.observability.health import version
from app.observability.instances import SAYS_EVERY, Reporter, forget_instances
from app.observability.metrics import Metrics
from app.operation import House
from app.outbox.delivery import Delivery
from app.outbox.inbox import InboxChannel
from app.outbox.pages import desk as inbox_desk
from app.outbox.sms.channel import SmsChannel, make_forwarding
from app.outbox.sms.pages import desk as sms_desk
from app.people.figures import figures as people_figures
from app.people.notices.pages import desk as people_desk
from app.people.queries import reachable_by_phone
from app.people.service import DATA_KEYS, phone_book
from app.people.waiting import waiting as people_waiting
from app.practice.mock_pages import desk as mock_desk
from app.practice.pages import desk as practice_desk
from app.practice.service.attempts import close_due
from app.practice.service.mock_exams import MockPools
from app.retention.pages import desk as retention_desk
from app.retention.service import carrying_out
from app.retention.service import waiting as retention_waiting
from app.retention.service.lists import JOB as DESTROY
from app.security import rewrapping, throttle
from app.security.derivation import Purpose, derive
from app.security.fields import FieldCipher, MasterKey
from app.security.passwords import Passwords
from app.security.signing_keys import PRIVATE_KEYS, Keyring
from app.security.throttle import SignInGuard
from app.web.home import Tellers, WaitingRooms

DESKS = (
    accounts_desk,
    people_desk,
    authoring_desk,
    authoring_hall,
    exams_desk,
    attempts_desk,
    room_day_desk,
    absences_desk,
    technical_faults_desk,
    sitting_record_desk,
    control_desk,
    drill_desk,
    hall_desk,
    hands_desk,
    item_reports_desk,
    sitting_desk,
    receipts_desk,
    response_files_desk,
    switches_desk,
    misconduct_desk,
    own_misconduct_desk,
    signals_desk,
    lockdown_desk,
    sheets_desk,
    grading_desk,
    rescoring_desk,
    similarity_desk,
    rechecks_desk,
    clearance_desk,
    certificates_desk,
    practice_desk,
    mock_desk,
    retention_desk,
    audit_desk,
    inbox_desk,
    sms_desk,
)

WRAPPED = (DATA_KEYS, FACTORS, SEEDS, CODES, QUIT_PASSWORDS, PRIVATE_KEYS)
"""Every column that holds secrets wrapped by the field key."""


def furnish(house: House) -> None:
    """Put the long-lived tools into the house and wire the events of lower features to higher ones."""
    settings = house.settings
    master = MasterKey(settings.field_key_bytes, previous=settings.field_keys_previous)
    secret = settings.secret_key.get_secret_value()
    metrics = Metrics(process=str(os.getpid()))
    house.tools |= {
        MasterKey: master,
        FieldCipher: FieldCipher(master, index_key=derive(secret, Purpose.BLIND_INDEX)),
        Keyring: Keyring(master),
        Passwords: Passwords(memory_kib=settings.argon2_memory_kib, passes=settings.argon2_passes),
        SignInGuard: SignInGuard(derive(secret, Purpose.THROTTLE)),
        Journal: Journal(house.database.url, settings, mark=Marker(house)),
        Presences: Presences(),
        Readings: Readings(),
        Signals: Signals(secret),
        Reporter: Reporter(house.database, metrics, settings.data_folder, version().number),
        Boards: Boards(),
        Beats: Beats(),
        Metrics: metrics,
        FrozenItems: FrozenItems(),
        MockPools: MockPools(),
        SignedLists: SignedLists(),
        Promises: Promises(),
        Outlooks: Outlooks(),
        Register: REGISTER,
        WaitingRooms: WaitingRooms(
            (
                people_waiting,
                accounts_waiting,
                authoring_waiting,
                exams_waiting,
                registering_waiting,
                attempts_waiting,
                room_day_waiting,
                absences_waiting,
                technical_faults_waiting,
                sitting_record_waiting,
                item_reports_waiting,
                response_files_waiting,
                switches_waiting,
                misconduct_waiting,
                signals_waiting,
                sheets_waiting,
                clearance_waiting,
                grading.waiting,
                rescoring_waiting,
                rechecks_waiting,
                certificates_waiting,
                retention_waiting,
                audit_waiting,
            )
        ),
        Tellers: Tellers((people_figures, certificate_figures)),
        Happenings: Happenings((drill_under_way,)),
    }
    house.listen(SupplyShrinks, warn_of_shortage)
    house.listen(SupplyRestored, settle_alerts)
    house.listen(AttemptClosed, grading.score_closed)
    house.listen(AbsencesClosed, follow_absences)
    house.listen(AbsencesReopened, take_back_absences)
    house.listen(AbsencesClosed, room_make_ups.follow_absences)
    house.listen(AbsencesReopened, room_make_ups.take_back_absences)
    house.listen(AbsenceExcused, room_make_ups.follow_excuse)
    house.listen(FaultReported, keep_in_time)
    house.listen(FaultRecognised, keep_in_time)
    house.listen(FaultRecognised, room_make_ups.follow_fault)
    house.listen(ResultsReleased, checks.open_cases)
    house.listen(ResultsReleased, calibrating.ask)
    house.listen(ResultsRescored, calibrating.ask_again)
    house.listen(AdverseOutcomeSigned, suspend_on_adverse)
    house.listen(MisconductSettled, follow_ruling)
    house.listen(MisconductSettled, room_make_ups.follow_ruling)
    house.listen(MisconductSettled, result_make_ups.follow_one)
    house.listen(PassConfirmed, result_make_ups.follow_one)
    house.listen(PassLost, result_make_ups.follow_one)
    house.listen(ResultsReleased, result_make_ups.follow_release)
    house.listen(ResultsRescored, result_make_ups.follow_release)
    house.listen(PassConfirmed, checks.open_confirmed)
    house.listen(PassLost, withdraw)
    house.listen(PassLost, suspend_on_lost_pass)
    house.listen(PersonBarred, suspend_on_bar)


def routers() -> list[APIRouter]:
    """The routes written by hand; each is on the short list of the tests of the house."""
    return [sign_in.router]


def hot_routes(house: House) -> list[Route]:
    """The few routes that are written by hand; see architecture: the hot path."""
    return attempts_routes.routes(house)


def document_hot_routes(schema: dict[str, Any]) -> None:
    """Show them in the OpenAPI document, where FastAPI does not."""
    attempts_routes.document(schema)


def open_house(house: House) -> None:
    """Start what runs beside the requests of this process."""
    beats = house.tool(Beats)
    beats.start("presence", GATHERED_FOR, lambda: house.tool(Presences).flush(house.database))
    beats.start("readings", GATHERED_FOR, lambda: house.tool(Readings).flush(house.database))
    beats.start("signals", GATHERED_FOR, lambda: house.tool(Signals).flush(house.database))
    beats.start("instance", SAYS_EVERY, lambda: house.tool(Reporter).report(house.clock.now()))
    if house.database.log is not None:
        beats.start("log", house.database.log.moved_every, house.database.log.move)


def close_house(house: House) -> None:
    """Stop it, losing nothing."""
    house.tool(Boards).finish()
    house.tool(Beats).close()
    house.tool(Journal).close()
    house.tool(Passwords).close()
    house.database.dispose()


def forget(house: House, now: datetime) -> None:
    """Remove what was kept for a while only: counters of guessing, answers of repeated writes."""
    with house.database.transaction() as session:
        throttle.sweep(session, now=now)
        idempotency.sweep(session, now=now)
    forget_presences(house.database, now)
    forget_instances(house.database, now)


MEASURE_EVERY_SECONDS = 30.0


def measure_clock(house: House) -> None:
    """Adopt the database's time, which is the one that counts (P9); a clock that is moved by hand stays as it is.

    Raises Unavailable where the database cannot be asked.
    """
    if isinstance(house.clock, SystemClock):
        house.clock.measure(house.database.now)


def make_worker(house: House) -> Worker:
    """The worker with every job and every tick of the house."""
    folder = Folder()
    metrics = house.tool(Metrics)
    return Worker(
        house.database,
        house.clock,
        handlers={
            ISSUE_BATCH: issue_handler(house),
            import_jobs.READ_JOB: import_jobs.make_reader(house),
            import_jobs.COMMIT_JOB: import_jobs.make_committer(house),
            together.JOB: together.make_handler(house),
            best_form.JOB: best_form.make_handler(house),
            audit_checking.JOB: audit_checking.make_handler(house),
            drills.JOB: drills.make_handler(house),
            calibrating.JOB: calibrating.make_handler(house),
            RESCORE: rescoring.make_handler(house),
            DESTROY: carrying_out.make_handler(house),
            similarity.JOB: similarity.make_handler(house),
            rewrapping.JOB: rewrapping.make_handler(house, WRAPPED),
        },
        metrics=metrics,
        ticks=[
            Tick("clock", MEASURE_EVERY_SECONDS, lambda _now: measure_clock(house)),
            Tick("audit", 30, lambda _now: seal(house)),
            Tick("fold", 5, lambda _now: folder.fold_recent(house)),
            Tick("close", 5, lambda now: sweep(house, now)),
            Tick("tickets", 20, lambda _now: announce_tickets(house)),
            Tick("endings", 600, lambda _now: warn_of_ends(house)),
            Tick("practice", 5, lambda _now: close_due(house)),
            Tick("absences", 20, lambda _now: grading.sweep_absences(house)),
            Tick("statements", 60, lambda _now: checks.sweep_statements(house)),
            Tick("forgetting", 600, lambda now: forget(house, now)),
            Tick("drills", 60, lambda _now: drills.tidy(house)),
            Tick("destruction", 600, lambda _now: carrying_out.resume(house)),
            Tick("near", 60, lambda _now: look_through(house)),
            Tick("near imports", 5, lambda _now: compare_imports(house)),
            Tick("half imports", 60, lambda _now: withdraw_abandoned(house)),
            Tick("packed imports", 600, lambda _now: lay_out_packed(house)),
            Tick("settled imports", 60, lambda _now: forget_settled(house)),
            Tick("index", 30, lambda _now: index_pending(house)),
            *_messages(house),
        ],
    )


def _messages(house: House) -> list[Tick]:
    """Each channel ticks by itself: the inbox waits for no gateway."""
    database, metrics = house.database, house.tool(Metrics)
    if not house.settings.sends_sms:
        return [Tick("messages", 2, Delivery(database, [InboxChannel(database)], metrics=metrics).run)]

    inbox = InboxChannel(database, forward=make_forwarding(reachable_by_phone))
    sms = SmsChannel(house.settings, phone_book(house), house.clock.now)
    return [
        Tick("messages", 2, Delivery(database, [inbox], metrics=metrics).run),
        Tick("short messages", 5, Delivery(database, [sms], metrics=metrics).run),
    ]
