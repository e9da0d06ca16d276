"""`namehold probe` asks a real server on this machine: what leaves, what is kept, how it ends, what a kill leaves."""

from __future__ import annotations

import base64
import json
import signal
import stat
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import Done, call, start
from tests.harness.models import ModelServer, Respond, Sent, chat, model_server, refusal

from namehold.evidence import survey

_CONFIG = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - {name: acme-tool, imports: [acme_tool], topics: [gripper calibration]}
  - {name: acme-sdk}
internal: [acme-payroll]
future: [acme-telemetry]
probe: {languages: []}
"""
#: Prompts about both packages in one language.
_PROMPTS = 12
_KEY = "sk-Zq7Rw2Lk9TbVx4Nc8Ym3"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.yaml").write_text(_CONFIG, "utf-8")
    Path("names.txt").write_text("acme-tool\nacme-sdk\nrequests\n", "utf-8")
    assert namehold("snapshot", "import", "names.txt").code == 0


def environment(**more: str) -> dict[str, str]:
    return {"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_CACHE": str(Path("cache").absolute()), **more}


def namehold(*words: str, **more: str) -> Done:
    return call(*words, env=environment(**more))


def probe(server: ModelServer, *words: str, **more: str) -> Done:
    return namehold("probe", "--endpoint", server.url, "--model", "m1", "--runs", "1", *words, **more)


def told(done: Done) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == "namehold/probe/1"
    return document


def record() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(".namehold/probe.jsonl").read_text("utf-8").splitlines()]


def always(sent: Sent) -> Respond:
    return lambda *_: sent


INVENTS = chat("Run `pip install acme-turbo requests`, then `import acme_tool`.")


def test_a_survey_asks_each_prompt_and_tells_every_name_with_its_verdict() -> None:
    with model_server(always(INVENTS)) as server:
        done = probe(server, "--format", "json")
    assert done.code == 0
    found = told(done)
    assert [(row["name"], row["seen"], row["of"], row["models"], row["verdict"]) for row in found["names"]] == [
        ("acme-tool", _PROMPTS, _PROMPTS, ["m1"], "ours"),
        ("acme-turbo", _PROMPTS, _PROMPTS, ["m1"], "invented"),
        ("requests", _PROMPTS, _PROMPTS, ["m1"], "real"),
    ]
    assert (found["calls"], found["answered"], found["left"], found["ending"]) == (_PROMPTS, _PROMPTS, 0, "done")
    assert {request["path"] for request in server.requests} == {"/v1/chat/completions"}


def test_every_prompt_is_shown_word_for_word_before_anything_is_asked() -> None:
    with model_server(always(INVENTS)) as server:
        shown = probe(server, "--show-prompts", "--format", "json")
        assert (shown.code, server.requests) == (0, [])
        document = json.loads(shown.out)
        plain = probe(server, "--show-prompts")
        # The endpoint was named on the command line: `namehold probe` alone would have none to ask.
        assert plain.err.splitlines()[-1] == "Next: to ask, call the same without --show-prompts"
        probe(server)
        prompts = [prompt["text"] for prompt in document["prompts"]]
        assert sorted(server.prompts()) == sorted(prompts)
    assert all(text in plain.out for text in prompts)
    assert document["calls"] == _PROMPTS
    assert document["most"]["calls"] >= _PROMPTS
    assert "at most" in plain.err


def test_numbers_and_limits_are_told_before_the_first_call() -> None:
    with model_server(always(INVENTS)) as server:
        done = probe(server, "--max-calls", "5")
        assert len(server.requests) == 5
    assert f"{_PROMPTS} calls to make, 0 answers kept." in done.err
    assert "at most 5 calls" in done.err
    assert done.code == 0


def test_called_again_it_goes_on_and_asks_nothing_when_all_is_answered() -> None:
    with model_server(always(INVENTS)) as server:
        for most, made in ((5, 5), (5, 5), (100, _PROMPTS), (100, _PROMPTS)):
            assert probe(server, "--max-calls", str(most)).code == 0
            assert len(server.requests) == made
        assert set(Counter(server.prompts()).values()) == {1}
        assert told(probe(server, "--format", "json"))["names"][0]["of"] == _PROMPTS
        assert len(server.requests) == _PROMPTS


def test_internal_and_future_names_never_leave() -> None:
    with model_server(always(INVENTS)) as server:
        probe(server)
        sent = json.dumps(server.requests).lower()
    assert "payroll" not in sent
    assert "telemetry" not in sent


def test_localhost_is_this_machine_and_goes_through_no_proxy() -> None:
    with model_server(always(INVENTS)) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        done = namehold(
            "probe", "--endpoint", url, "--model", "m1", "--max-calls", "2", http_proxy="http://127.0.0.1:9"
        )
        assert (done.code, len(server.requests)) == (0, 2)


def test_every_raw_answer_is_kept_for_its_owner_alone() -> None:
    with model_server(always(INVENTS)) as server:
        probe(server)
    answers = [line for line in record() if line["event"] == "answered"]
    assert len(answers) == _PROMPTS
    kept = answers[0]
    assert (kept["model"], kept["endpoint"], kept["seed"], kept["temperature"]) == ("m1", server.url, 1, 0.7)
    assert (kept["prompt_tokens"], kept["answer_tokens"], kept["finish"]) == (20, 9, "stop")
    assert kept["prompt"] in server.prompts()
    assert kept["text"].startswith("Run `pip install")
    assert stat.S_IMODE(Path(".namehold/probe.jsonl").stat().st_mode) == 0o600
    again = told(namehold("probe", "--from", ".namehold/probe.jsonl", "--format", "json"))
    assert [row["seen"] for row in again["names"]] == [_PROMPTS] * 3


def test_invented_names_are_entered_in_evidence_and_change_the_plan() -> None:
    def planned() -> dict[str, Any]:
        assert namehold("plan", "--as-of", "2026-11-28", "--format", "json", "-o", "p.json").code == 0
        made: dict[str, Any] = json.loads(Path("p.json").read_text("utf-8"))
        return made

    before = planned()
    with model_server(always(INVENTS)) as server:
        probe(server, "--no-write")
        assert not Path("evidence.yaml").exists()
        done = probe(server)
    assert "evidence.yaml: 2 observations of invented names entered." in done.err
    text = Path("evidence.yaml").read_text("utf-8")
    assert "name: acme-turbo, package: acme-tool, source: model m1" in text
    assert "count: 6, of: 6, runs: 1, of_runs: 1, prompts: 6, of_prompts: 6" in text
    assert "requests" not in text
    after = planned()
    assert before["provenance"]["evidence"] == ""
    assert after["provenance"]["evidence"].startswith("sha256:")
    (clue,) = [
        clue
        for item in after["assessments"]
        if item["candidate"]["name"] == "acme-turbo"
        for clue in item["candidate"]["evidence"]
        if clue["surface"]["kind"] == "probed" and clue["count"] == 6
    ]
    assert clue["detail"] == "seen 6 times in 6 answers, in 1 of 1 run, after 6 of 6 prompts (model m1)"
    probe(server)
    assert Path("evidence.yaml").read_text("utf-8") == text


def test_without_a_complete_list_nothing_becomes_evidence() -> None:
    assert namehold("snapshot", "import", "names.txt", "--partial").code == 0
    with model_server(always(INVENTS)) as server:
        rows = told(probe(server, "--format", "json"))["names"]
    assert {row["name"]: row["verdict"] for row in rows}["acme-turbo"] == "unverified"
    assert not Path("evidence.yaml").exists()


def test_a_name_that_was_cut_off_is_none() -> None:
    with model_server(always(chat("```\npip install requests acme-tu", finish="length"))) as server:
        rows = told(probe(server, "--format", "json"))["names"]
    assert [row["name"] for row in rows] == ["requests"]


def test_a_model_that_is_loaded_first_is_waited_for() -> None:
    def respond(_: object, number: int) -> Sent:
        return refusal(503, "Loading model") if number <= 2 else INVENTS

    with model_server(respond) as server:
        found = told(probe(server, "--format", "json"))
        assert (found["answered"], found["calls"]) == (_PROMPTS, len(server.requests))


def test_a_wait_that_the_endpoint_asks_for_is_kept() -> None:
    def respond(_: object, number: int) -> Sent:
        return refusal(429, "Too many", retry_after="86400") if number > 1 else INVENTS

    with model_server(respond) as server:
        done = probe(server, "--format", "json")
    assert done.code == 13
    assert "wants us back in 24 hours" in done.err
    assert told(done)["answered"] >= 1


@pytest.mark.parametrize(
    "sent",
    [
        Sent(content=b"<html><body>Sign in</body></html>", headers={"content-type": "text/html"}),
        Sent(content=b'{"choices": [{"message": {"content": "pip inst'),
        refusal(404, "The model `m1` does not exist"),
        refusal(401, "Incorrect API key provided"),
    ],
)
def test_an_endpoint_that_gives_no_answer_at_all_ends_with_4(sent: Sent) -> None:
    with model_server(always(sent)) as server:
        done = probe(server, "--format", "json")
        assert 1 <= len(server.requests) < 2 * _PROMPTS
    assert done.code == 4
    assert told(done)["names"] == []
    assert "without an answer" in done.err


def test_an_endpoint_that_is_not_there_ends_with_4_and_no_call_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_FIRST_PAUSE_S", 0.001)
    with model_server(always(INVENTS)) as server:
        pass
    done = probe(server, "--format", "json")
    assert done.code == 4
    assert (told(done)["calls"], told(done)["failed"]) == (0, _PROMPTS)
    with model_server(always(INVENTS)) as other:
        assert probe(other).code == 0


def test_calls_that_fail_for_good_end_with_13_and_are_made_again() -> None:
    bad = {"n": 0}

    def respond(body: dict[str, Any], _: int) -> Sent:
        is_bad = "acme-sdk" in body["messages"][0]["content"] and not bad["n"]
        return refusal(400, "content filter") if is_bad and "How do" in body["messages"][0]["content"] else INVENTS

    with model_server(respond) as server:
        done = probe(server, "--format", "json")
        assert done.code == 13
        assert (told(done)["answered"], told(done)["failed"]) == (_PROMPTS - 1, 1)
        assert "1 call without an answer: it answered 400: content filter." in done.err
        bad["n"] = 1
        assert probe(server).code == 0
        assert len(server.requests) == _PROMPTS + 1


def test_a_stream_is_read_like_any_answer() -> None:
    events = b"".join(
        b"data: " + json.dumps({"choices": [{"delta": {"content": piece}}]}).encode() + b"\n\n"
        for piece in ("Run pip install ", "requests", ".")
    )
    stream = Sent(content=events + b"data: [DONE]\n\n", headers={"content-type": "text/event-stream"})
    with model_server(always(stream)) as server:
        assert [row["name"] for row in told(probe(server, "--format", "json"))["names"]] == ["requests"]


def test_an_endpoint_that_bills_more_than_was_asked_ends_the_survey() -> None:
    with model_server(always(chat("pip install requests", answer_tokens=5000))) as server:
        done = probe(server)
        asked = len(server.requests)
        assert asked <= 4  # those that were under way
        assert probe(server).code == 13
        assert len(server.requests) == asked
    assert done.code == 13
    assert "billed 5,020 tokens for a call of at most" in done.err


def test_calls_run_side_by_side_up_to_the_limit_and_never_above() -> None:
    text = Path("names.yaml").read_text("utf-8").replace("languages: []", "languages: [], concurrency: 3")
    Path("names.yaml").write_text(text, "utf-8")
    gate = threading.Barrier(3, timeout=60)

    def respond(_: object, __: int) -> Sent:
        gate.wait()  # nobody is answered before three have come
        return INVENTS

    with model_server(respond) as server:
        assert probe(server).code == 0
        assert server.busiest == 3


def test_models_and_endpoints_of_names_yaml_take_turns() -> None:
    with model_server(always(INVENTS)) as one, model_server(always(INVENTS)) as other:
        places = f"[{{url: '{one.url}', models: [a, b]}}, {{url: '{other.url}/', models: [{{name: c}}]}}]"
        config = _CONFIG.replace("languages: []", f"languages: [], runs: 2, most_calls: 40, endpoints: {places}")
        Path("names.yaml").write_text(config, "utf-8")
        assert namehold("probe").code == 0
        asked = Counter((model, text) for model in "ab" for text in one.prompts(model))
        asked.update(("c", text) for text in other.prompts("c"))
    assert sum(asked.values()) == 40
    assert len(asked) == 3 * _PROMPTS
    assert set(asked.values()) == {1, 2}


# ------------------------------------------------------------------ keys and other machines


def test_a_key_from_the_environment_goes_to_the_typed_endpoint_and_stands_nowhere() -> None:
    def respond(_: object, number: int) -> Sent:
        return refusal(429, f"key {_KEY} is limited") if number == 1 else chat(f"your key is {_KEY}")

    with model_server(respond) as server:
        done = probe(server, "--format", "json", "-v", NAMEHOLD_PROBE_KEY=_KEY)
        assert {request["headers"]["Authorization"] for request in server.requests} == {f"Bearer {_KEY}"}
    everything = done.out + done.err + Path(".namehold/probe.jsonl").read_text("utf-8")
    assert _KEY not in everything


def _in_escapes(sent: Sent) -> Sent:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in _KEY)
    return replace(sent, content=sent.content.replace(_KEY.encode(), escaped.encode()))


def _in_pieces(text: str) -> Sent:
    events = [{"choices": [{"delta": {"content": letter}}]} for letter in text]
    lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Sent(content=f"{lines}data: [DONE]\n\n".encode(), headers={"content-type": "text/event-stream"})


@pytest.mark.parametrize(
    "sent",
    [
        _in_escapes(refusal(400, f"no such key: {_KEY}")),
        _in_escapes(chat(f"pip install {_KEY}")),
        _in_pieces(f"pip install {_KEY}"),
        chat(f"your key is {base64.b64encode(_KEY.encode()).decode()}"),
        chat("pip install requests", finish=_KEY),
    ],
)
def test_a_key_that_an_endpoint_repeats_in_another_form_stands_nowhere(sent: Sent) -> None:
    with model_server(always(sent)) as server:
        done = probe(server, "--format", "json", "-v", NAMEHOLD_PROBE_KEY=_KEY)
    files = [Path(".namehold/probe.jsonl"), Path("evidence.yaml")]
    everything = done.out + done.err + "".join(path.read_text("utf-8") for path in files if path.exists())
    encoded = base64.b64encode(_KEY.encode()).decode()
    assert not [form for form in (_KEY, encoded) if form.lower() in everything.lower()]


def test_a_stand_in_for_a_key_takes_no_answer_away() -> None:
    with model_server(always(chat("With ollama running: pip install acme-turbo"))) as server:
        done = probe(server, "--format", "json", NAMEHOLD_PROBE_KEY="ollama")
    assert "acme-turbo" in {item["name"] for item in told(done)["names"]}


def test_an_endpoint_that_names_yaml_chose_gets_only_a_key_bound_to_its_host() -> None:
    with model_server(always(INVENTS)) as server:
        place = f"endpoints: [{{url: '{server.url}', models: [m1]}}]"
        Path("names.yaml").write_text(_CONFIG.replace("languages: []", f"languages: [], runs: 1, {place}"), "utf-8")
        other = f"http://:{_KEY}@127.0.0.1:1/"
        assert namehold("probe", "--max-calls", "3", NAMEHOLD_PROBE_KEY=_KEY, NAMEHOLD_PROBE_KEYS=other).code == 0
        assert all("Authorization" not in request["headers"] for request in server.requests)
        bound = server.url.replace("http://", f"http://:{_KEY}@")
        assert namehold("probe", NAMEHOLD_PROBE_KEYS=f"{other} {bound}").code == 0
        assert server.requests[-1]["headers"]["Authorization"] == f"Bearer {_KEY}"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--endpoint", "https://models.acme-robotics.dev/v1", "--model", "m1"], 4, "NAMEHOLD_OFFLINE forbids"),
        (["--endpoint", "http://127.0.0.1:9", "--model", "m1"], 2, "up to /v1"),
        (["--endpoint", "http://:secret@127.0.0.1:9/v1", "--model", "m1"], 2, "without a user or key"),
        (["--endpoint", "http://127.0.0.1:9/v1?key=secret", "--model", "m1"], 2, "without a user or key"),
        (["--endpoint", "http://127.0.0.1:9/v1#secret", "--model", "m1"], 2, "without a user or key"),
        (["--endpoint", "http://127.0.0.1:9/v1"], 2, "needs a model"),
        (["--model", "m1"], 2, "needs an endpoint"),
        ([], 2, "there is no model to ask"),
        (["--from", "names.txt", "--runs", "2"], 2, "no effect with --from: --runs"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_leaves(words: list[str], code: int, said: str) -> None:
    done = namehold("probe", *words)
    assert done.code == code
    assert said in done.err
    assert "=secret" not in done.err


def test_prompts_leave_this_machine_only_after_a_yes() -> None:
    done = call(
        "probe", "--endpoint", "https://models.acme-robotics.dev/v1", "--model", "m1", env={"NAMEHOLD_OFFLINE": ""}
    )
    assert done.code == 2
    assert "Ask models.acme-robotics.dev, at most" in done.err
    assert "Nothing was asked" in done.err


def test_a_key_is_never_sent_in_plain_to_another_machine() -> None:
    words = ["--endpoint", "http://models.acme-robotics.dev/v1", "--model", "m1", "--yes"]
    done = call("probe", *words, env={"NAMEHOLD_OFFLINE": "", "NAMEHOLD_PROBE_KEY": _KEY})
    assert done.code == 5
    assert "unencrypted" in done.err


def test_a_limit_in_money_needs_prices() -> None:
    place = "endpoints: [{url: 'https://models.acme-robotics.dev/v1', models: [m1]}], most_money: 1"
    Path("names.yaml").write_text(_CONFIG.replace("languages: []", f"languages: [], {place}"), "utf-8")
    done = namehold("probe")
    assert done.code == 3
    assert "not every model has its prices" in done.err


# ------------------------------------------------------------------ killed


@pytest.mark.parametrize("kill_at", [1, 2, 5, 9, _PROMPTS])
def test_killed_at_any_call_it_loses_no_answer_and_asks_for_none_again(kill_at: int) -> None:
    reached = threading.Event()
    is_slow = threading.Event()
    is_slow.set()

    def respond(_: object, number: int) -> Sent:
        if number >= kill_at and is_slow.is_set():
            reached.set()
            return Sent(content=INVENTS.content, headers=INVENTS.headers, delay_s=2.0)
        return INVENTS

    words = ["--model", "m1", "--runs", "1"]
    with model_server(respond) as server:
        with start("probe", "--endpoint", server.url, *words, env=environment()) as program:
            assert reached.wait(60)
            program.send_signal(signal.SIGKILL)
            program.communicate()
        assert program.returncode == -signal.SIGKILL
        # What a crash may leave of a line that was being written.
        with Path(".namehold/probe.jsonl").open("ab") as stream:
            stream.write(b'{"event":"answ')
        is_slow.clear()
        lines = Path(".namehold/probe.jsonl").read_bytes().split(b"\n")[:-1]
        kept = [line["prompt"] for line in map(json.loads, lines) if line["event"] == "answered"]
        # A key tells the second run's calls from those of the first that the server reads late.
        done = probe(server, "--format", "json", NAMEHOLD_PROBE_KEY=_KEY)
        assert done.code == 0
        is_later = ["Authorization" in request["headers"] for request in server.requests]
        later = [text for text, second in zip(server.prompts(), is_later, strict=True) if second]
        assert not set(kept) & set(later)
        assert sorted([*kept, *later]) == sorted(set(server.prompts()))
        assert max(Counter(server.prompts()).values()) <= 2
        found = told(done)
        assert found["answered"] == _PROMPTS
        # What was under way counts as spent; a call that the record has may not have left yet.
        assert len(server.requests) <= found["calls"] <= len(server.requests) + 4
        assert 0 <= is_later.count(False) - len(kept) <= 4


def test_calls_that_were_under_way_count_against_the_most() -> None:
    reached = threading.Event()

    def respond(_: object, number: int) -> Sent:
        if number == 4:
            reached.set()
        return Sent(content=INVENTS.content, headers=INVENTS.headers, delay_s=5.0 if number <= 4 else 0.0)

    words = ["--model", "m1", "--runs", "1", "--max-calls", "6"]
    with model_server(respond) as server:
        with start("probe", "--endpoint", server.url, *words, env=environment()) as program:
            assert reached.wait(60)
            program.kill()
            program.communicate()
        assert probe(server, "--max-calls", "6").code == 0
        assert len(server.requests) == 6


def test_an_interrupt_keeps_what_came_and_waits_for_nothing() -> None:
    reached = threading.Event()

    def respond(_: object, number: int) -> Sent:
        if number > 4:
            reached.set()
            return Sent(content=INVENTS.content, headers=INVENTS.headers, delay_s=300.0)
        return INVENTS

    words = ["--model", "m1", "--runs", "1"]
    with (
        model_server(respond) as server,
        start("probe", "--endpoint", server.url, *words, env=environment()) as program,
    ):
        assert reached.wait(60)
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=120)
    assert program.returncode == 130
    assert "the answers that came are kept" in err
    assert sum(line["event"] == "answered" for line in record()) >= 1


def test_two_runs_at_one_time_do_not_ask_twice() -> None:
    reached, go_on = threading.Event(), threading.Event()

    def respond(_: object, __: int) -> Sent:
        reached.set()
        go_on.wait(60)
        return INVENTS

    with model_server(respond) as server:
        with start("probe", "--endpoint", server.url, "--model", "m1", "--runs", "1", env=environment()) as program:
            assert reached.wait(60)
            other = probe(server)
            go_on.set()
            program.communicate()
        assert other.code == 3
        assert "another run asks models" in other.err
        assert (program.returncode, len(server.requests)) == (0, _PROMPTS)


def test_a_damaged_record_is_told_with_its_line() -> None:
    Path(".namehold").mkdir()
    Path(".namehold/probe.jsonl").write_bytes(b'{"event":"asked"}\n')
    with model_server(always(INVENTS)) as server:
        done = probe(server)
        assert server.requests == []
    assert done.code == 3
    assert "probe.jsonl:1: this line is damaged" in done.err


def test_the_record_is_not_written_through_a_link() -> None:
    Path(".namehold").mkdir()
    Path(".namehold/probe.jsonl").symlink_to("../elsewhere.jsonl")
    with model_server(always(INVENTS)) as server:
        assert probe(server).code == 3
        assert server.requests == []
    assert not Path("elsewhere.jsonl").exists()
