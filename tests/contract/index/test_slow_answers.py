"""An index that is never late, because it always sends another byte, is left all the same."""

from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.raw_server import Drip, Respond, answering, server

from namehold.errors import IndexError_
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.model import IndexChoice, IndexProfile
from namehold.index.profiles import private_profile
from namehold.snapshot.store import SnapshotStore

NAME = NormalizedName("acme-tool")
JSON = "Content-Type: application/json\r\n"
SLOW = pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nX: ",
        f"HTTP/1.1 200 OK\r\n{JSON}\r\n",
        f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 900\r\n\r\n",
    ],
)


def profile(address: str) -> IndexProfile:
    return private_profile(IndexChoice(upload=address, simple=address, json=address))


@SLOW
def test_a_page_in_single_bytes_is_given_up(head: str) -> None:
    quick = Patience(total_s=0.2, waits_s=())
    with server(Drip(head)) as (address, _), HttpIndex(profile(address), contact="x", patience=quick) as index:
        with pytest.raises(IndexError_, match="TimeoutError"):
            index.project(NAME)
        with pytest.raises(IndexError_, match="TimeoutError"):
            index.user_packages("acme")


def test_the_next_question_is_asked_as_if_nothing_had_been() -> None:
    drip = Drip("HTTP/1.1 200 OK\r\nX: ")
    answers: list[Respond] = [drip, answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]

    def respond(connection: socket.socket, request: bytes) -> None:
        answers.pop(0)(connection, request)

    with (
        server(respond) as (address, _),
        HttpIndex(profile(address), contact="x", patience=Patience(total_s=0.2, waits_s=(0.0,))) as index,
    ):
        assert not index.project(NAME).exists
    assert drip.is_left.is_set()


@SLOW
def test_a_list_of_names_in_single_bytes_is_given_up(head: str, tmp_path: Path) -> None:
    with server(Drip(head)) as (address, _), pytest.raises(IndexError_, match="took longer"):
        SnapshotStore(tmp_path).update(
            profile(address),
            contact="security@acme.example",
            today=dt.date(2026, 11, 20),
            patience=Patience(total_s=0.2, waits_s=()),
        )
