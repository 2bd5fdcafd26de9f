"""What `agentdesk check` says of databases and engines."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from agentdesk.bootstrap import plan
from agentdesk.bootstrap.existing import existing_desk
from agentdesk.bootstrap.health import findings
from agentdesk.bootstrap.opened import open_desk
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.views import Health, LoopHealth
from agentdesk.services import presence
from agentdesk.services import setup as setup_service
from agentdesk.settings import Settings, load
from agentdesk.settings.finding import Level
from agentdesk.storage.schema import upgrade
from agentdesk.storage.store import Store
from tests.desks import World, desk


def _settings(path: Path) -> Settings:
    return Settings.model_validate({"database": {"url": f"sqlite:///{path}"}})


async def _said(path: Path) -> dict[str, tuple[Level, str]]:
    return {
        f.subject: (f.level, f"{f.sentence} {f.advice}")
        for f in await findings(_settings(path), path)
    }


async def test_a_database_that_will_be_made_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.db"
    said = await _said(path)
    assert said["database"][0] is Level.OK
    assert not path.parent.exists()


async def test_an_older_database_is_told_and_not_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    store = Store(f"sqlite:///{path}")
    async with store.writer.begin() as conn:
        await conn.run_sync(lambda c: upgrade(c, "0001"))
    await store.close()
    level, words = (await _said(path))["database"]
    assert level is Level.WARN
    assert "0001 is older" in words
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


async def test_a_newer_database_fails_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with desk(f"sqlite:///{path}") as made, made.store.write() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    level, words = (await _said(path))["database"]
    assert level is Level.FAIL
    assert "Install the newer agentdesk" in words


async def test_the_health_of_running_engines_is_told(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with desk(f"sqlite:///{path}", clock=SystemClock()) as made:
        assert (await _said(path))["engine"][0] is Level.WARN
        await presence.start_engine(made)
        refused = "The mail server refused the password. Run agentdesk init."
        loops = (
            LoopHealth("routing", Health.IDLE),
            LoopHealth("support@northwind.example", Health.STOPPED, refused),
        )
        await presence.publish_health(made, loops)
        said = await _said(path)
    assert said["engine"] == (Level.OK, "1 running: 1 of 2 loops are well. ")
    level, words = said["engine: support@northwind.example"]
    assert level is Level.FAIL
    assert refused in words


async def test_mails_that_were_set_aside_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with desk(f"sqlite:///{path}") as made:
        await World(made, made.clock).arrive(b"")  # type: ignore[arg-type]
    level, words = (await _said(path))["quarantine"]
    assert level is Level.WARN
    assert words.startswith("1 mail could not be filed and is set aside.")
    assert "agentdesk quarantine list" in words


def test_settings_become_the_rules_that_services_know() -> None:
    settings = Settings.model_validate(
        {
            "desk": {"undo_send_s": 0, "hold_after_send": False},
            "wrap_up": {"duration_s": 30},
            "inactivity": {"inbound_days": 2},
            "routing": {"reroute": True, "ramp_s": 3},
        }
    )
    rules = plan.rules(settings)
    assert rules.undo_send == timedelta(0)
    assert rules.wrap_up == timedelta(seconds=30)
    assert rules.inbound_silence == timedelta(days=2)
    options = plan.setup(settings).policy.options
    assert (rules.hold_after_send, options.reroute, options.ramp_s) == (False, True, 3)
    assert [c.key for c in plan.setup(Settings()).codes if c.default] == ["issue_resolved"]


def test_the_trusted_server_of_an_account_is_told_in_lower_case() -> None:
    server = {"host": "mail.northwind.example"}
    account = {"key": "support", "name": "Support", "address": "support@northwind.example"}
    account |= {"imap": server, "smtp": server, "authserv_id": "MX.Northwind.example"}  # type: ignore[dict-item]
    settings = Settings.model_validate({"mail_accounts": [account]})
    assert [a.authserv_id for a in plan.setup(settings).accounts] == ["mx.northwind.example"]


# -- whose routing is in force ---------------------------------------------------------------

FILE = """
[database]
url = "sqlite:///desk.db"
[[agents]]
login = "ana"
name = "Ana Ruiz"
role = "admin"
"""


async def _started(path: Path) -> Actor:
    """What a start of `agentdesk run` does to the policy; its admin."""
    settings = load(path)
    rules, setup = plan.rules(settings), plan.setup(settings)
    made = await open_desk(settings.database.url, rules, setup, origin=plan.origin(path))
    actor = await presence.sign_in(made, "ana")
    await made.close()
    return actor


async def _edit(path: Path, actor: Actor, goal: int) -> None:
    async with existing_desk(load(path)) as made:
        view = await setup_service.current(made, actor)
        toml = view.toml.replace('name = "Support"', f'name = "Support"\ngoal = {goal}')
        await setup_service.save(made, actor, toml, view.version)


async def _goal(path: Path) -> int:
    async with existing_desk(load(path)) as made:
        return made.policy.queues[0].goal


async def _routing(path: Path) -> str:
    found = [f for f in await findings(load(path), path) if f.subject == "routing"]
    return "\n".join(f"{f.sentence} {f.advice}" for f in found)


async def test_an_edit_survives_a_restart_and_a_changed_file_wins(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(FILE)
    ana = await _started(path)
    assert await _routing(path) == ""
    await _edit(path, ana, 95)
    await _started(path)
    assert await _goal(path) == 95
    path.write_text(f'{FILE}[[queues]]\nkey = "support"\nname = "Support"\ngoal = 70\n')
    await _started(path)
    assert await _goal(path) == 70
    assert await _routing(path) == ""


async def test_check_says_when_the_policy_in_force_is_not_the_files(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(FILE)
    ana = await _started(path)
    await _edit(path, ana, 95)
    said = await _routing(path)
    assert said.startswith("Routing was changed by Ana Ruiz on 20")
    assert "agentdesk routing export shows it. It stays in force until" in said
    path.write_text(FILE + "[routing]\nramp_s = 3\n")
    assert "puts the file's routing in force" in await _routing(path)
    await _started(path)
    path.write_text(FILE)
    assert (await _routing(path)).startswith("The file says another routing than the one in force.")


async def test_a_file_on_another_machine_is_told_by_its_name(tmp_path: Path) -> None:
    path, other = tmp_path / "settings.toml", tmp_path / "other.toml"
    path.write_text(FILE)
    other.write_text(FILE + "[routing]\nramp_s = 3\n")
    await _started(path)
    await _started(other)
    assert f"comes from {plan.origin(other)}, since" in await _routing(path)
