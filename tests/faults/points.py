"""Every commit point of the engine, read from its source, so that a new one cannot be forgotten.

A point is named after the service function that the engine calls, and the function that opened the
transaction where that is another one: `outgoing.mark_sent>_settle`. The engine's own are named after
their function: `receive._lease`. `name_of` gives a running transaction the same name.
"""

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

import agentdesk

SOURCE = Path(agentdesk.__file__).parent
SERVICES = "agentdesk.services."
ROOTS = ("engine", "bootstrap/opened.py")
SCHEMA = "schema.open_store"
"""Making or upgrading the tables: the only transaction that does not go through `Store.write`."""


@dataclass
class _Function:
    opens: bool = False
    named: set[tuple[str, str]] = field(default_factory=set)
    """What it refers to: (module of services or "", name)."""


def _modules(*places: str) -> dict[str, ast.Module]:
    paths = [p for place in places for p in _files(SOURCE / place)]
    return {p.stem: ast.parse(p.read_text(encoding="utf-8")) for p in paths}


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.py")) if place.is_dir() else [place]


def _functions(tree: ast.Module) -> dict[str, _Function]:
    """The functions and methods of a module by their qualified names, nested ones within them."""
    modules, names = _imported(tree)
    found: dict[str, _Function] = {}
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for each in inside:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                found[prefix + each.name] = _function(each, modules, names)
            elif not prefix:  # tables such as HANDLERS
                for target in ast.walk(each):
                    if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                        found[target.id] = _function(each, modules, names)
    return found


def _imported(tree: ast.Module) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Modules of services, and functions out of them, by the names that *tree* gives them."""
    modules, names = {}, {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for alias in node.names:
            if node.module == SERVICES[:-1]:
                modules[alias.asname or alias.name] = alias.name
            elif node.module.startswith(SERVICES):
                module = node.module.removeprefix(SERVICES)
                names[alias.asname or alias.name] = (module, alias.name)
    return modules, names


def _function(
    node: ast.AST, modules: dict[str, str], names: dict[str, tuple[str, str]]
) -> _Function:
    made = _Function()
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute):
            if each.attr == "write" and _is_store(each.value):
                made.opens = True
            if isinstance(each.value, ast.Name):
                owner = each.value.id
                made.named.add((modules.get(owner, "" if owner == "self" else owner), each.attr))
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            made.named.add(names.get(each.id, ("", each.id)))
    return made


def _is_store(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "store") or (
        isinstance(node, ast.Name) and node.id == "store"
    )


@cache
def points() -> tuple[str, ...]:
    """Every commit point that an engine without a screen can come to, sorted."""
    services = {name: _functions(tree) for name, tree in _modules("services").items()}
    found = {SCHEMA}
    for module, tree in _modules(*ROOTS).items():
        for name, function in _functions(tree).items():
            if function.opens:
                found.add(f"{module}.{name}")
            for called in function.named & _all(services):
                found |= {_named(called, opener) for opener in _openers(called, services)}
    return tuple(sorted(found - _NOT_OURS))


_NOT_OURS = {"presence.sign_in"}
"""Only a client with a screen does these."""


def _all(services: dict[str, dict[str, _Function]]) -> set[tuple[str, str]]:
    return {(module, name) for module, functions in services.items() for name in functions}


def _openers(
    start: tuple[str, str], services: dict[str, dict[str, _Function]]
) -> set[tuple[str, str]]:
    """The functions that open a transaction, among all that *start* may call."""
    seen: set[tuple[str, str]] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        if here in seen or here not in _all(services):
            continue
        seen.add(here)
        for module, name in services[here[0]][here[1]].named:
            inside = [n for n in services[here[0]] if n == name or n.endswith(f".{name}")]
            ahead += [(module, name)] if module else [(here[0], n) for n in inside]
    return {each for each in seen if services[each[0]][each[1]].opens}


def _named(called: tuple[str, str], opener: tuple[str, str]) -> str:
    if called == opener:
        return ".".join(called)
    same = called[0] == opener[0]
    return f"{'.'.join(called)}>{opener[1] if same else '.'.join(opener)}"


def name_of(frame: FrameType | None) -> str:
    """The point at which the function that runs in *frame* opens a transaction."""
    assert frame is not None
    opener = _here(frame)
    called, each = opener, frame
    in_services = _module(frame).startswith(SERVICES)
    while in_services and each is not None:
        if _module(each).startswith(SERVICES):
            called = _here(each)
        each = each.f_back  # type: ignore[assignment]
    return _named(called, opener)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _here(frame: FrameType) -> tuple[str, str]:
    module = _module(frame).rpartition(".")[2]
    return module, frame.f_code.co_qualname.partition(".<locals>")[0]
