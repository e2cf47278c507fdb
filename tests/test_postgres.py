from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from tests.postgres import fresh_database, running_server


def test_each_test_has_an_empty_database(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE trace (id INTEGER)"))
    assert inspect(engine).get_table_names() == ["trace"]
    engine.dispose()


def test_the_next_test_sees_nothing_of_it(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_goes_away_although_a_connection_is_open(postgres_url: str) -> None:
    with fresh_database(postgres_url) as url:
        name = url.split("?")[0].rsplit("/", 1)[1]
        engine = create_engine(url)
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
    left = create_engine(postgres_url)
    with left.connect() as look:
        count = text("SELECT count(*) FROM pg_database WHERE datname = :name")
        assert look.execute(count, {"name": name}).scalar() == 0
    left.dispose()
    connection.invalidate()
    engine.dispose()


def test_the_server_listens_on_no_network_address(postgres_url: str) -> None:
    if "host=" not in postgres_url or os.environ.get("PRIVACYDESK_TEST_POSTGRES_URL"):
        return
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW listen_addresses")).scalar() == ""
    engine.dispose()


def test_the_folder_of_the_server_is_gone_after_it_stopped() -> None:
    with running_server() as url:
        folder = Path(url.split("host=")[1].replace("%2F", "/")).parent
        assert (folder / "data" / "postmaster.pid").exists()
    assert not folder.exists()


def test_the_server_ends_when_the_test_run_is_killed() -> None:
    program = "from tests.postgres import running_server\nwith running_server() as url: print(url, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    data = Path(holder.stdout.readline().strip().split("host=")[1].replace("%2F", "/"))
    server = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    for _ in range(300):
        if not Path(f"/proc/{server}").exists():
            break
        time.sleep(0.05)
    stopped = not (data / "postmaster.pid").exists()
    shutil.rmtree(data.parent)  # nobody was left to do it
    assert stopped
