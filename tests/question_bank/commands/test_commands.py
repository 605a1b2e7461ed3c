"""The commands of the rule book: what they answer, and how they refuse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from question_bank.commands import cli, main

ROOT = Path(__file__).resolve().parents[3]
CLEAN = "1. 党的根本组织原则是（　）。\nA. 少数服从多数\nB. 民主集中制\n答案：B\n"


def run(*arguments: str):
    return CliRunner().invoke(cli, list(arguments))


def test_a_clean_file_ends_with_zero_and_a_flagged_one_with_one(tmp_path):
    clean, flagged = tmp_path / "a.txt", tmp_path / "b.txt"
    clean.write_text(CLEAN, encoding="utf-8")
    flagged.write_text(CLEAN.replace("答案：B\n", ""), encoding="gb18030")
    assert run("inspect", str(clean)).exit_code == 0
    assert run("inspect", str(flagged)).exit_code == 1
    both = run("inspect", str(clean), str(flagged), "--json")
    assert both.exit_code == 1
    first, second = json.loads(both.stdout)["files"]
    assert (first["format"], first["encoding"], first["items"]) == ("txt", "utf-8", {"single_choice": 1})
    assert second["encoding"] == "gb18030"
    assert second["doubtful"][0]["doubts"][0]["zh"] == "没有找到答案。"


def test_a_refused_file_ends_with_two_and_the_others_are_still_told(tmp_path):
    picture, clean = tmp_path / "扫描.png", tmp_path / "a.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    clean.write_text(CLEAN, encoding="utf-8")
    told = run("inspect", str(picture), str(clean), "--json")
    assert told.exit_code == 2
    refused, read = json.loads(told.stdout)["files"]
    assert refused["format"] == ""
    assert "扫描.png" in refused["refused"][0]["zh"]
    assert read["items"] == {"single_choice": 1}


def test_without_json_people_read_it_in_both_languages(tmp_path):
    doubled = tmp_path / "c.txt"
    doubled.write_text(CLEAN + CLEAN.replace("1.", "2.").replace("答案：B", "答案：E"), encoding="utf-8")
    told = run("inspect", str(doubled))
    assert "单选题 / Single choice: 2" in told.stdout
    assert "题干相同" in told.stdout
    assert "#2" in told.stdout


def test_a_key_may_stand_in_a_file(tmp_path):
    responses, key = tmp_path / "r.csv", tmp_path / "key.txt"
    responses.write_text("A,B\nA,C\nD,B\n", encoding="utf-8")
    key.write_text("Ａ，Ｂ\n", encoding="utf-16")
    by_file, by_text = (run("statistics", str(responses), "--key", given) for given in (str(key), "AB"))
    assert by_file.exit_code == 0
    assert by_file.stdout == by_text.stdout
    assert json.loads(by_file.stdout)["classical"]["items"][0]["facility"] == pytest.approx(2 / 3)


def test_a_key_longer_than_a_file_name_is_a_key(tmp_path):
    responses = tmp_path / "r.csv"
    responses.write_text(f"{','.join('A' * 300)}\n{','.join('B' * 300)}\n", encoding="utf-8")
    told = run("statistics", str(responses), "--key", "A" * 300)
    assert json.loads(told.stdout)["candidates"] == 2


def test_a_model_that_cannot_be_fitted_is_null_with_its_reason(tmp_path):
    responses = tmp_path / "r.csv"
    responses.write_text("1,1\n1,0\n", encoding="utf-8")
    told = json.loads(run("statistics", str(responses)).stdout)
    assert told["one_slope"] is None
    assert "全部答对" in told["not_fitted"]["zh"]


def test_a_refusal_is_one_line_in_both_languages(tmp_path, monkeypatch, capsys):
    responses = tmp_path / "r.csv"
    responses.write_text("q1,q2\n1,x\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["question-bank", "statistics", str(responses)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err.strip()
    assert "第 2 行「q2」" in said
    assert 'Row 2, column "q2"' in said
    assert "\n" not in said


def test_it_runs_as_a_module_and_is_quiet_in_a_pipe(tmp_path):
    clean = tmp_path / "a.txt"
    clean.write_text(CLEAN, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "question_bank", "inspect", str(clean), str(clean)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (told.returncode, told.stderr) == (0, "")


EXAMPLES = ROOT / "docs/question-bank/examples"
SEED = "07" * 32


def test_a_bank_goes_to_every_format_and_comes_back(tmp_path):
    for name in ("a.json", "a.xml", "a.gift.txt", "a.qti21.zip", "a.qti30.zip"):
        assert run("convert", str(EXAMPLES / "pool.txt"), str(tmp_path / name)).exit_code == 0, name
        told = json.loads(run("inspect", str(tmp_path / name), "--json").stdout)["files"][0]
        assert told["items"] == {"single_choice": 3, "true_false": 2}, name
        assert told["doubtful"] == [], name


@pytest.mark.parametrize(("command", "advice"), [("convert", "--to"), ("print", ".docx")])
def test_a_name_that_tells_no_format_is_refused(tmp_path, monkeypatch, capsys, command, advice):
    target = tmp_path / "a.doc"
    monkeypatch.setattr(sys, "argv", ["question-bank", command, str(EXAMPLES / "pool.txt"), str(target)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert advice in capsys.readouterr().err
    assert not target.exists()


def test_a_pool_that_cannot_serve_names_the_cell(monkeypatch, capsys, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text((EXAMPLES / "blueprint.json").read_text("utf-8").replace('"count": 2', '"count": 4'), "utf-8")
    arguments = ["assemble", str(EXAMPLES / "pool.txt"), str(plan), "--seed", SEED]
    monkeypatch.setattr(sys, "argv", ["question-bank", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "需 4 题，仅有 3 题" in capsys.readouterr().err


def test_what_was_assembled_is_printed_and_scored(tmp_path):
    forms = tmp_path / "forms.json"
    drawn = run("assemble", str(EXAMPLES / "pool.txt"), str(EXAMPLES / "blueprint.json"), "--seed", SEED)
    forms.write_text(drawn.stdout, encoding="utf-8")
    for name, what in (
        ("p.pdf", "paper"),
        ("s.pdf", "answer-sheet"),
        ("s.docx", "answer-sheet"),
        ("k.pdf", "key"),
        ("k.docx", "key"),
    ):
        made = run("print", str(EXAMPLES / "pool.txt"), str(tmp_path / name), "--forms", str(forms), "--what", what)
        assert made.exit_code == 0, made.output
        assert (tmp_path / name).read_bytes()[:4] in (b"%PDF", b"PK\x03\x04")
    form, given = tmp_path / "form.json", tmp_path / "given.json"
    one = json.loads(drawn.stdout)["forms"][0]
    form.write_text(json.dumps(one), encoding="utf-8")
    entries = [entry for section in one["sections"] for entry in section["entries"]]
    right = {"000001": 1, "000002": 1, "000003": 0, "000004": 0, "000005": 1}
    keyed = {str(entry["position"]): [entry["option_order"].index(right[entry["item_key"]])] for entry in entries}
    given.write_text(json.dumps({"candidates": [{"candidate": "甲", "responses": keyed}]}), encoding="utf-8")
    told = json.loads(run("score", str(EXAMPLES / "pool.txt"), str(given), "--form", str(form)).stdout)
    assert told["candidates"][0]["total"] == told["maximum"] == "6"


def test_a_seed_that_is_no_seed_is_refused():
    for seed in ("zz", "07"):
        refused = run("assemble", str(EXAMPLES / "pool.txt"), str(EXAMPLES / "blueprint.json"), "--seed", seed)
        assert "InvalidSeed" in repr(refused.exception), seed
