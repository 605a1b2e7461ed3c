"""`python -m app.drill.rehearsal`: one rehearsal in a process of its own, which is told of the drill's place alone.

The plan comes as the first line of standard input; what is being done, and at last what was measured, goes out as lines
of JSON. When standard input ends, whoever asked is gone or has changed their mind: this process stops at once, and
with it everything that it has started.
"""

import json
import os
import sys
import threading
from dataclasses import asdict

import msgspec

from app.drill.rehearsal.day import rehearse
from app.drill.rehearsal.plan import Plan
from app.drill.rehearsal.serving import NotServing
from app.errors import AppError
from app.observability import logs
from app.settings import Settings
from question_bank.errors import ContentError


def main() -> None:
    """Rehearse what standard input says."""
    plan = msgspec.json.decode(sys.stdin.readline(), type=Plan)
    threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    settings = Settings.from_environ(os.environ)
    logs.configure("ERROR", stream=sys.stderr)
    try:
        measured = rehearse(settings, plan, _tell)
    except AppError as error:
        _say(refused=[error.sentence("zh"), error.sentence("en")])
    except ContentError as error:
        _say(refused=[error.zh, error.en])
    except NotServing as error:
        sys.stderr.write(str(error))
        _say(
            refused=[
                "演练实例未能启动，详情见服务日志。",
                "The drill's instances did not start; see the service's log.",
            ]
        )
    else:
        _say(measured=asdict(measured))


def _tell(done: int, zh: str, en: str) -> None:
    _say(done=done, zh=zh, en=en)


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _stop_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)  # the instances read the end of their standard input, and stop


if __name__ == "__main__":
    main()
