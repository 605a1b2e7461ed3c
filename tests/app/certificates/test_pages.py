"""The pages and the API of certificates, as officer, approver, candidate and the public meet them."""

import json
import re
from datetime import timedelta

import pytest

from app.accounts.service import grant_role
from app.certificates import credential, queries, status_list
from app.certificates.credential import StatusPurpose
from app.certificates.models import Certificate
from app.certificates.rules import Cause, CertificateState, Standing
from app.certificates.service import acts
from app.certificates.service.issuing import issue_batch, issuer_of
from app.certificates.service.verifying import MISSES
from app.operation import acting_as
from app.people.models import Person
from app.security.key_pairs import PublicKey
from app.security.permissions import Role
from tests.support.personas import make_candidate, make_staff, make_unit


def jwks(client):
    keys = client.get("/.well-known/jwks.json").json()["keys"]
    return {key.kid: key for key in map(PublicKey.from_jwk, keys)}.get


def test_officer_and_approver_issue_a_batch_on_their_pages(world, browsers):
    for _ in range(2):
        world.add()
    held = world.add()
    with acting_as(world.house, "test") as op:
        world.object_to(op, held)
    officer, approver = browsers(world.officer), browsers(world.approver)
    assert "人条件齐备，可提请颁证" in officer.get("/").text
    page = officer.get(f"/certificate-batches/exams/{world.exam_id}")
    assert page.text.count("七项全部满足") == 2
    assert "无未决异议" in page.text
    wrong = officer.submit(
        f"/certificate-batches/exams/{world.exam_id}",
        {"document_number": "示组发〔2026〕12号", "case_ids": [c.case_id for c in world.cleared]},
    )
    assert wrong.status_code == 409
    assert "示组发〔2026〕12号" in wrong.text
    empty = officer.submit(f"/certificate-batches/exams/{world.exam_id}", {"document_number": "12"})
    assert empty.status_code == 422
    done = officer.submit(
        f"/certificate-batches/exams/{world.exam_id}",
        {"document_number": "示组发〔2026〕12号", "case_ids": [c.case_id for c in world.cleared[:2]]},
    )
    assert done.status_code == 303
    where = done.headers["location"].partition("?")[0]
    assert officer.submit(f"{where}/approve").status_code == 403
    assert "个颁证批次待审批" in approver.get("/").text
    assert "批准并签发" in approver.get(where).text
    assert approver.submit(f"{where}/approve").status_code == 303
    assert "正在逐人签发" in approver.get(where).text
    issue_batch(world.house, int(where.rsplit("/", 1)[1]))
    page = officer.get(where).text
    assert page.count("SF-2026-C-00000") == 2
    for name in ("certificates", "list"):
        pdf = officer.get(f"{where}/{name}.pdf")
        assert pdf.content.startswith(b"%PDF-")
        assert pdf.headers["content-type"] == "application/pdf"
    assert officer.get("/certificates").text.count("SF-2026-C-00000") == 2


def test_a_step_is_proposed_and_approved_on_the_page_and_shows_to_the_public_at_once(world, browsers):
    world.add()
    certificate = world.issue()[0]
    officer, approver, public = browsers(world.officer), browsers(world.approver), browsers(None)
    address = f"/verify/{certificate.number}/{certificate.check_code}"
    assert "现在有效" in public.get(address).text
    sent = {"action": "suspend", "reason": "线索核查"}
    assert officer.submit(f"/certificates/{certificate.id}/acts", sent).status_code == 303
    assert officer.submit(f"/certificates/{certificate.id}/acts", sent).status_code == 409
    assert officer.submit(f"/certificates/{certificate.id}/acts", {"action": "fly", "reason": "x"}).status_code == 422
    assert "现在有效" in public.get(address).text  # one person alone changes nothing
    assert "项证书处理待审批" in approver.get("/").text
    page = approver.get(f"/certificates/{certificate.id}").text
    act = re.search(r"/certificate-acts/(\d+)/approve", page).group(1)
    assert "线索核查" in page
    done = approver.submit(f"/certificate-acts/{act}/approve")
    assert done.headers["location"].startswith(f"/certificates/{certificate.id}")
    assert "起暂停" in public.get(address).text  # P32
    again = approver.submit(f"/certificate-acts/{act}/approve")
    assert again.status_code == 409


def test_the_public_check_tells_the_minimum_to_who_has_both_number_and_code(world, browsers):
    cleared = world.add(name="欧阳静")
    certificate = world.issue()[0]
    public = browsers(None)
    with world.house.database.transaction(reading=True) as db:
        person = db.get_one(Person, cleared.person_id)
    page = public.get(f"/verify/{certificate.number}/{certificate.check_code}").text
    for shown in ("欧阳静", "初级", certificate.unit_name, certificate.number):
        assert shown in page
    for hidden in (person.id_number_masked, person.post, "8800", "88 分"):
        assert hidden not in page
    told = public.api_get("/verify", params={"number": certificate.number.lower(), "code": certificate.check_code})
    assert told.json()["standing"] == "active"
    assert set(told.json()) == {
        "asked", "found", "number", "name", "level", "unit_name", "standing", "since", "issued_at", "valid_until",
    }  # fmt: skip


def test_a_wrong_code_looks_like_a_number_that_was_never_given(world, browsers):
    world.add()
    certificate = world.issue()[0]
    public = browsers(None)

    def ask(number, code):
        found = public.get(f"/verify/{number}/{code}")
        text = re.sub(r'nonce="[^"]*"|name="_?(csrf|key)"[^>]*|/verify/[^"]*|datetime="[^"]*"', "", found.text)
        return found.status_code, text

    wrong = ask(certificate.number, "2222-3333-4444")
    assert "没有查到" in wrong[1]
    for number, code in (
        ("SF-2026-C-999999", certificate.check_code),
        ("SF-2026-C-999999", "2222-3333-4444"),
        ("x", "y"),
        (certificate.number, certificate.check_code[:-1]),
        ("' OR 1=1 --", "𠮷"),
    ):
        assert ask(number, code) == wrong
    answers = [public.api_get(f"/verify/{n}/2222-3333-4444").json() for n in (certificate.number, "SF-2026-C-999999")]
    assert answers[0] == answers[1]


def test_guessing_is_bounded_per_source_and_right_codes_are_not_counted(world, browsers):
    world.add()
    certificate = world.issue()[0]
    public = browsers(None)
    address = f"/verify/{certificate.number}/{certificate.check_code}"
    for _ in range(MISSES.count + 5):
        assert public.get(address).status_code == 200
    statuses = [public.api_get("/verify/SF-2026-C-000001/2222-3333-4444").status_code for _ in range(MISSES.count + 2)]
    assert statuses == [200] * MISSES.count + [429] * 2
    assert public.api_get(address).status_code == 429  # who has guessed too often is not told a hit either
    world.house.clock.advance(MISSES.window + timedelta(seconds=1))
    assert public.api_get(address).json()["found"]


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_its_own_honest_words(sqlite_world, standing, databases):
    from tests.support.client import Client, open_app

    world = sqlite_world
    world.add()
    certificate = world.issue()[0]
    if standing is Standing.EXPIRED:
        world.house.clock.advance(timedelta(days=426))
    else:
        with acting_as(world.house, "test") as op:
            queries.lock_certificate(op.db, certificate.id).state = standing.value
    with open_app(world.house) as (app, portal):
        client = Client(app, portal)
        page = client.get(f"/verify/{certificate.number}/{certificate.check_code}").text
        client.http.cookies.set("lang", "en")
        english = client.get(f"/verify/{certificate.number}/{certificate.check_code}").text
        client.close()
    said = {
        Standing.ACTIVE: "现在有效",
        Standing.SUSPENDED: "起暂停",
        Standing.EXPIRED: "届满",
        Standing.SUPERSEDED: "被替代",
        Standing.CANCELLED: "已于 2026年11月23日 注销",
        Standing.REVOKED: "自始无效",
        Standing.RETIRED: "退出",
    }
    assert said[standing] in page
    assert ("现在有效" in page) == (standing is Standing.ACTIVE)
    assert ("valid now" in english) == (standing is Standing.ACTIVE)


def test_a_credential_verifies_against_what_the_service_publishes_and_its_status_follows(world, browsers):
    cleared = world.add()
    certificate = world.issue()[0]
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, cleared.person_id)
    holder, public = browsers(make_candidate(world.house, person)), browsers(None)
    token = holder.get(f"/way/certificates/{certificate.id}/credential.jwt").text
    issuer = issuer_of(world.house.settings)
    now = world.house.clock.now()
    found = credential.verify(token, issuer=issuer, find_key=jwks(public), now=now)
    assert found.certificate_number == certificate.number
    assert found.belongs_to(person.name)

    def told():
        says = {}
        for entry in found.status:
            path = entry.list_url.removeprefix(issuer.base_url)
            listed = status_list.read(
                public.get(path).text, issuer=issuer, find_key=jwks(public), now=world.house.clock.now()
            )
            says[entry.purpose] = listed.says(entry)
        return says

    assert told() == {StatusPurpose.REVOCATION: False, StatusPurpose.SUSPENSION: False}
    with acting_as(world.house, "machine") as op:
        acts.suspend_at_once(op, certificate.id, Cause.BARRED)
    assert told() == {StatusPurpose.REVOCATION: False, StatusPurpose.SUSPENSION: True}  # at once (P32)
    for document in (issuer.id, *(issuer.achievement_id(found.level) for _ in range(1))):
        served = public.get(document.removeprefix(issuer.base_url)).json()
        assert served["id"] == document
    payload = json.loads(json.dumps(public.get("/.well-known/jwks.json").json()))
    assert all("d" not in key for key in payload["keys"])
    for missing in ("/status/nothing", "/credentials/achievements/nothing"):
        assert public.get(missing).status_code == 404


def test_an_unchanged_status_list_is_not_signed_anew_within_half_a_minute(world, browsers):
    public = browsers(None)
    first = public.get("/status/revocation").text
    assert public.get("/status/revocation").text == first
    world.house.clock.advance(timedelta(seconds=31))
    assert public.get("/status/revocation").text != first


def test_nobody_gets_the_papers_of_another(world, browsers):
    one, other = world.add(), world.add()
    certificates = {c.person_id: c for c in world.issue()}
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, one.person_id)
    holder = browsers(make_candidate(world.house, person))
    for file in ("document.pdf", "credential.jwt"):
        assert holder.get(f"/way/certificates/{certificates[one.person_id].id}/{file}").status_code == 200
        theirs = holder.get(f"/way/certificates/{certificates[other.person_id].id}/{file}")
        assert theirs.status_code == holder.get(f"/way/certificates/999999/{file}").status_code == 404
        assert holder.get(f"/certificates/{certificates[one.person_id].id}/{file}").status_code == 403


def test_an_officer_of_one_unit_sees_the_certificates_of_that_unit_only(world, browsers):
    mine, _ = world.add(), world.add(_elsewhere(world))
    certificates = {c.person_id: c for c in world.issue()}
    officer = browsers(make_staff(world.house, Role.CERTIFICATE_OFFICER, unit=world.unit))
    page = officer.get("/certificates").text
    assert certificates[mine.person_id].number in page
    theirs = next(c for person, c in certificates.items() if person != mine.person_id)
    assert theirs.number not in page
    assert officer.get(f"/certificates/{theirs.id}").status_code == 404
    assert officer.get(f"/certificate-batches/exams/{world.exam_id}").status_code == 404
    assert officer.get(f"/certificate-batches/{theirs.batch_id}").status_code == 404


def _elsewhere(world):
    from tests.support.personas import make_person, make_unit

    with acting_as(world.house, "test") as op:
        return make_person(op, make_unit(op))


def test_certificates_are_found_by_name_pinyin_and_number_page_by_page(world, browsers):
    world.add(name="欧阳静")
    world.add(name="诸葛明")
    world.issue()
    officer = browsers(world.officer)
    for search, found in (
        ("欧阳", {"欧阳静"}),
        ("ouyang", {"欧阳静"}),
        ("zgm", {"诸葛明"}),
        ("sf-2026", {"欧阳静", "诸葛明"}),
        ("%", set()),
    ):
        told = officer.api_get("/certificates", params={"search": search}).json()
        assert {c["name"] for c in told["certificates"]} == found
    newest = officer.api_get("/certificates").json()["certificates"][0]
    rest = officer.api_get("/certificates", params={"before": newest["id"]}).json()
    assert len(rest["certificates"]) == 1
    assert rest["next_before"] == 0


def test_the_candidate_sees_the_way_to_the_certificate(world, browsers):
    cleared = world.add()
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, cleared.person_id)
    holder = browsers(make_candidate(world.house, person))
    page = holder.get("/way")
    assert page.status_code == 200
    told = holder.api_get("/way").json()["ways"]
    # No attempt was made in this story: the way stops where it really stopped.
    assert [s["word"] for s in told[0]["stations"]][:2] == ["confirmed", "absent"]
    assert all(s["total"] is None for s in told[0]["stations"])


def test_a_leader_reads_true_figures_that_move_with_the_certificates(world, browsers):
    leader = browsers(make_staff(world.house, Role.LEADER))

    def told():
        return {figure["en"]: (figure["count"], figure["of"]) for figure in leader.get("/api/v1/").json()["figures"]}

    before = told()
    world.add()
    (certificate,) = world.issue()
    after = told()
    workers, primary = "workers in post, of the posts there are", "hold a valid primary certificate"
    assert after[workers][0] == before[workers][0] + 1
    assert after[primary] == (before[primary][0] + 1, after[workers][0])
    with acting_as(world.house, "test") as op:
        op.db.get_one(Certificate, certificate.id).state = CertificateState.SUSPENDED
    assert told()[primary] == (before[primary][0], after[workers][0])
    assert "持有效初级证书" in leader.get("/").text


def test_figures_are_for_those_who_lead(world, browsers):
    officer = browsers(make_staff(world.house, Role.EXAM_OFFICER))
    assert officer.get("/api/v1/").json()["figures"] == []


def test_an_approver_elsewhere_is_offered_nothing_that_the_officer_in_them_sees(world, browsers):  # P20
    world.add()
    (issued,) = world.issue(world.cleared[0].case_id)
    batch_id = world.propose(world.add().case_id)
    both = make_staff(world.house, Role.CERTIFICATE_OFFICER)
    with acting_as(world.house, "test") as op:
        elsewhere = make_unit(op).id
        grant_role(op, account_id=both.account_id, role=Role.CERTIFICATE_APPROVER, unit_id=elsewhere)
    client = browsers(both)
    shown = client.api_get(f"/certificates/{issued.id}").json()
    assert (bool(shown["possible"]), shown["settles"]) == (True, False)
    assert client.api_get(f"/certificate-batches/{batch_id}").json()["settles"] is False
    assert "待审批" not in client.get("/").text
