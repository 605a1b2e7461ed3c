"""`question-bank assemble POOL BLUEPRINT --seed …`: parallel forms and how fair they are."""

from pathlib import Path
from typing import Annotated, Any

import typer

from question_bank.assembly import (
    COUNTER_VERSION,
    DRAW_VERSION,
    DrawVersion,
    PoolFacts,
    PoolItem,
    check_forms,
    commit,
    draw_parallel,
    fairness_to_json,
    pool_hash,
    report_fairness,
    supply_of,
)
from question_bank.blueprint import Blueprint
from question_bank.blueprint_json import blueprint_hash, from_json
from question_bank.canonical import read_json
from question_bank.commands.banks import load_bank
from question_bank.commands.speech import say_json
from question_bank.errors import InvalidSeed
from question_bank.form_json import form_to_json, forms_hash
from question_bank.items import Item
from question_bank.kinds import problems_of

Pool = Annotated[Path, typer.Argument(help="题库文件，作为备选题集 / a file with items", exists=True, dir_okay=False)]
Plan = Annotated[Path, typer.Argument(help="组卷方案，JSON / a blueprint", exists=True, dir_okay=False)]
Seed = Annotated[str, typer.Option(help="种子，64 个十六进制数字 / the seed, 64 hex digits")]
Forms = Annotated[int, typer.Option(help="试卷份数 / how many forms", min=1, max=100_000)]
Label = Annotated[str, typer.Option(help="考试名称，参与抽题 / what the seed is used for")]
Version = Annotated[DrawVersion, typer.Option("--draw", help="抽题规则版本 / the version of the draw")]


def assemble(
    pool: Pool, blueprint: Plan, *, seed: Seed, forms: Forms = 1, label: Label = "", version: Version = DRAW_VERSION
) -> None:
    """按方案抽取平行试卷，附公平性报告，JSON / draw parallel forms with a fairness report, as JSON."""
    told, fair = compose_forms(
        load_bank(pool)[1],
        from_json(read_json(blueprint.read_bytes())),
        seed=_read_seed(seed),
        forms=forms,
        label=label,
        version=version,
    )
    say_json(told)
    if not fair:
        raise typer.Exit(1)


def compose_forms(
    items: dict[str, Item],
    blueprint: Blueprint,
    *,
    seed: bytes,
    forms: int,
    label: str,
    version: DrawVersion = DRAW_VERSION,
) -> tuple[dict[str, Any], bool]:
    """(the members that docs/question-bank.md describes, whether everything is within its tolerance).

    An item that could not be scored is left out of the pool and named by its key. Raises `PoolTooSmall`, naming every
    cell that falls short.
    """
    pool = [PoolItem(key, item) for key, item in items.items() if not problems_of(item)]
    supply = supply_of(pool, blueprint, PoolFacts(version=version))
    drawn = draw_parallel(supply, blueprint=blueprint, seed=seed, label=label, form_count=forms)
    made = list(drawn)
    report = report_fairness(drawn)
    findings = check_forms(made, blueprint=blueprint, pool=pool)
    told: dict[str, Any] = {
        "draw": version.value,
        "stream": COUNTER_VERSION,
        "commitment": commit(seed),
        "label": label,
        "pool": {"items": len(pool), "hash": pool_hash(pool)},
        "left_out": [key for key in items if key not in {entry.key for entry in pool}],
        "blueprint": blueprint_hash(blueprint),
        "forms_hash": forms_hash(made),
        "forms": [form_to_json(form) for form in made],
        "fairness": fairness_to_json(report),
        "findings": [
            {"form": finding.form_number, "code": finding.code, "zh": finding.zh, "en": finding.en}
            for finding in findings
        ],
    }
    return told, report.within and not findings


def _read_seed(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise InvalidSeed(
            "seed.not_hex",
            zh="种子应为 64 个十六进制数字（0–9、a–f）。",
            en="The seed must be 64 hex digits (0-9, a-f).",
        ) from None
