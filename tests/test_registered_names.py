"""All tests are collected in one process: each registers under a name of its own."""

import ast
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent


def registered(path: Path) -> list[str]:
    """Names of the classes and functions of a file that go into a registry."""
    return [
        node.name
        for node in ast.parse(path.read_text('utf-8')).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and any('register_module(' in ast.unparse(d) for d in node.decorator_list)
    ]


def test_no_two_tests_register_one_name():
    files = defaultdict(list)
    for path in sorted(TESTS.rglob('*.py')):
        for name in registered(path):
            files[name].append(str(path.relative_to(TESTS)))
    assert len(files) > 10
    assert not {name: found for name, found in files.items() if len(found) > 1}
