"""`pyworkers dev` as a process: start, reload, failure, and every way to end it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import threading
from pathlib import Path

import pytest

from tests.host.dev_process import CONFIG, ENTRY, DevProcess, dev, is_running, wait_until

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        not Path("/proc/self/task").is_dir(), reason="the checks for orphans read Linux's /proc"
    ),
]
TWO = ENTRY.replace('"one"', '"two"')
BROKEN = ENTRY + "\ndef (\n"


def test_it_starts_answers_and_logs(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get("/x") == (200, "one")
        process.wait_printed(r"GET /x 200 OK \(\d+ms\)\n")
        assert re.search(r"Ready on http://localhost:\d+ \(\d+ ms\)\n", process.text)
        status, text = process.get("/boom")
        assert (status, text.splitlines()[0]) == (500, "ValueError: boom")
        assert "entry.py" in text
        assert process.get("/x") == (200, "one")


def test_a_worker_may_ask_the_server_that_it_runs_in(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get("/itself") == (200, "one")
        process.save_and_wait(TWO)
        assert process.get("/itself") == (200, "two")


def test_saving_loads_the_new_code_even_of_the_same_size(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        process.save_and_wait(TWO)
        assert process.get() == (200, "two")
        process.save_and_wait(ENTRY)
        assert process.get() == (200, "one")


def test_changed_config_and_new_module_reload_too(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        config = (tmp_path / "wrangler.toml").read_text()
        since = len(process.text)
        process.save(config + '[vars]\nA = "x"\n', "wrangler.toml")
        process.wait_printed(r"env\.A", since)
        package = tmp_path / "package"
        package.mkdir()
        (package / "__init__.py").write_text('VERSION = "three"\n')
        process.save(ENTRY.replace('VERSION = "one"', "from package import VERSION"))
        wait_until(lambda: process.get() == (200, "three"), "the new package is loaded")
        (package / "__init__.py").write_text('VERSION = "fours"\n')
        wait_until(lambda: process.get() == (200, "fours"), "the changed package is loaded")


def test_syntax_error_is_shown_while_the_server_lives_and_the_fix_brings_the_worker_back(
    tmp_path: Path,
) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        process.save_and_wait(BROKEN, "SyntaxError: invalid syntax")
        wait_until(lambda: process.get()[0] == 500, "the failure is served")
        status, text = process.get()
        assert (status, "SyntaxError: invalid syntax" in text) == (500, True)
        status, page = process.get(Accept="text/html")
        assert (status, "does not import" in page, "SyntaxError" in page) == (500, True, True)
        process.save_and_wait(TWO)
        assert process.get() == (200, "two")


def test_project_that_is_broken_from_the_start_waits_for_the_fix(tmp_path: Path) -> None:
    with dev(tmp_path, entry=BROKEN) as process:
        process.wait_printed("SyntaxError: invalid syntax")
        since = len(process.text)
        process.save(ENTRY)
        process.wait_printed(r"Ready on http://", since)
        assert process.get() == (200, "one")


def test_main_module_outside_of_the_project_can_be_mended(tmp_path: Path) -> None:
    project, source = tmp_path / "project", tmp_path / "source"
    project.mkdir()
    source.mkdir()
    (source / "entry.py").write_text(BROKEN)
    with dev(project, config=CONFIG.replace("entry.py", "../source/entry.py")) as process:
        process.wait_printed("SyntaxError: invalid syntax")
        since = len(process.text)
        (source / "entry.py").write_text(ENTRY)
        process.wait_printed(r"Ready on http://", since)
        assert process.get() == (200, "one")


def test_files_saved_by_renaming_or_removed_first_are_loaded_once(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        entry = tmp_path / "entry.py"
        (tmp_path / "entry.py~new").write_text(TWO)
        since = len(process.text)
        (tmp_path / "entry.py~new").replace(entry)
        process.wait_printed(r"Reloaded \(", since)
        assert process.get() == (200, "two")
        entry.unlink()
        process.save_and_wait(ENTRY)
        assert process.get() == (200, "one")
        assert len(re.findall(r"Reloaded \(", process.text)) == 2


def test_not_one_request_fails_while_code_is_saved_under_load(tmp_path: Path) -> None:
    """Half of the clients keep their connection, the others open one for each request."""
    answers: list[tuple[int, str]] = []
    failures: list[str] = []
    done = threading.Event()

    def ask(port: int, *, keeps_alive: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while not done.is_set():
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                answers.append((response.status, response.read().decode()))
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))
                connection.close()
            if not keeps_alive:
                connection.close()
        connection.close()

    with dev(tmp_path) as process:
        port = int(process.url.rpartition(":")[2])
        clients = [
            threading.Thread(target=ask, args=(port,), kwargs={"keeps_alive": bool(n % 2)})
            for n in range(6)
        ]
        for client in clients:
            client.start()
        for n in range(6):
            process.save_and_wait(ENTRY.replace('"one"', f'"version {n}"'))
        wait_until(lambda: answers[-1] == (200, "version 5"), "the last version answers")
        done.set()
        for client in clients:
            client.join()
    assert failures == []
    assert {status for status, _ in answers} == {200}
    assert {text for _, text in answers} >= {"one", "version 0", "version 5"}


@pytest.mark.rule("LC-10")
def test_request_that_runs_during_a_reload_is_finished(tmp_path: Path) -> None:
    answers = []
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        client = threading.Thread(target=lambda: answers.append(process.get("/slow")))
        client.start()
        process.save_and_wait(TWO)
        client.join()
        assert process.get() == (200, "two")
    assert answers == [(200, "one")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_it_within_a_second(tmp_path: Path, number: signal.Signals) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        family = process.family()
        exit_code, elapsed_s = process.end(number)
        assert exit_code == 0
        assert elapsed_s < 1
        assert not any(is_running(pid) for pid in family)


def test_guest_that_never_returns_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        port = int(process.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
            process.wait_printed("stuck now")
            family = process.family()
            exit_code, elapsed_s = process.end()
        assert exit_code == 0
        assert elapsed_s < 1.5
        assert not any(is_running(pid) for pid in family)


@pytest.mark.parametrize("path", ["/", "/stuck"])
def test_killed_supervisor_leaves_no_orphan(tmp_path: Path, path: str) -> None:
    with dev(tmp_path) as process:
        port = int(process.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            process.wait_printed("stuck now|GET / 200")
            family = process.family()
            assert len(family) == 2
            process.process.kill()
            wait_until(lambda: not any(is_running(pid) for pid in family), "the end of all")


def test_killed_worker_is_replaced_and_that_is_said(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        pid = int(process.get("/pid")[1])
        since = len(process.text)
        os.kill(pid, signal.SIGKILL)
        process.wait_printed("was ended by SIGKILL. Starting another one.", since)
        assert process.get() == (200, "one")
        assert int(process.get("/pid")[1]) != pid


def test_worker_that_ends_while_it_starts_is_explained_and_can_be_mended(tmp_path: Path) -> None:
    with dev(tmp_path, entry="import os\nos._exit(3)\n") as process:
        process.wait_printed("ended with exit code 3 while it started")
        since = len(process.text)
        process.save(ENTRY)
        process.wait_printed(r"Ready on http://", since)
        assert process.get() == (200, "one")


def test_taken_port_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with dev(tmp_path, "--port", str(port)) as process:
            assert process.process.wait(10) == 2
            process.wait_printed(f"✘ error  port {port} on localhost is in use")
            assert "Traceback" not in process.text


def test_wrong_config_is_an_error_with_its_place(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        process.close()
    (tmp_path / "wrangler.toml").write_text('name = 1\nmain = "entry.py"\n')
    process = DevProcess(tmp_path)
    try:
        assert process.process.wait(10) == 2
        process.wait_printed(r"wrangler\.toml:1:")
        assert "Traceback" not in process.text
    finally:
        process.close()


def test_without_reload_it_is_one_process(tmp_path: Path) -> None:
    with dev(tmp_path, "--no-reload") as process:
        assert process.get("/pid") == (200, str(process.process.pid))
        assert process.family() == {process.process.pid}
        exit_code, elapsed_s = process.end(signal.SIGINT)
        assert exit_code == 0
        assert elapsed_s < 1


def test_state_directory_in_use_is_an_error_that_names_the_holder(tmp_path: Path) -> None:
    with dev(tmp_path) as process:
        assert process.get() == (200, "one")
        second = DevProcess(tmp_path)
        try:
            assert second.process.wait(5) == 2
            second.wait_printed("is in use by process")
        finally:
            second.close()
