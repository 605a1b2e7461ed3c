"""400 candidates press Start in the same moment: 400 are let in, on either database."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from app.attempts.models import Attempt
from app.main import create_app
from tests.support.house import open_house
from tests.support.sealed_exam import make_sealed_exam, open_session_for

CROWD = 400


@pytest.mark.fault
def test_four_hundred_starts_at_once_all_succeed(database_url: str, tmp_path: Path) -> None:
    with open_house(database_url, tmp_path) as house:
        exam = make_sealed_exam(house, candidates=CROWD, remote=True)
        tokens = [open_session_for(house, candidate, checked_in=False)[0] for candidate in exam.candidates]
        app = create_app(house)

        async def run() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://chizheng.test") as client:
                return await asyncio.gather(
                    *(
                        client.post(
                            "/api/v1/attempts/start",
                            json={"registration_id": candidate.registration_id},
                            headers={"cookie": f"chizheng={token}", "sec-fetch-site": "same-origin"},
                        )
                        for candidate, token in zip(exam.candidates, tokens, strict=True)
                    )
                )

        answers = asyncio.run(run())
        assert [a.status_code for a in answers] == [200] * CROWD, {a.text[:200] for a in answers if a.is_error}
        with house.database.transaction(reading=True) as db:
            assert db.scalar(select(func.count()).select_from(Attempt)) == CROWD
