"""Docstrings name exactly the arguments that signatures have; errors are sentences."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import mmreid

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(mmreid.__path__, 'mmreid.')
)


def public_members():
    for name in MODULES:
        module = importlib.import_module(name)
        for attribute, member in vars(module).items():
            defined_here = getattr(member, '__module__', None) == name
            if attribute.startswith('_') or not defined_here:
                continue
            if inspect.isclass(member) or inspect.isfunction(member):
                yield f'{name}.{attribute}', member
            if inspect.isclass(member):
                for key, method in vars(member).items():
                    if inspect.isfunction(method) and not key.startswith('_'):
                        yield f'{name}.{attribute}.{key}', method


MEMBERS = dict(public_members())


def documented(docstring: str) -> list[str]:
    """Names in the Args section of a Google style docstring."""
    names = r'^ {4}(\*{0,2}\w+)(?: \(.*?\))?:'
    return re.findall(names, args_section(docstring), re.MULTILINE)


def args_section(docstring: str) -> str:
    """What stands below Args, until the next section."""
    match = re.search(r'^Args:\n((?:[ ]{4}.*\n?|\n)+)', docstring, re.MULTILINE)
    return match.group(1) if match else ''


def arguments(member) -> list[str]:
    """Names in the signature, without self; of a class, those of its constructor."""
    if inspect.isclass(member) and '__init__' not in vars(member):
        return []
    marks = {
        inspect.Parameter.VAR_POSITIONAL: '*',
        inspect.Parameter.VAR_KEYWORD: '**',
    }
    target = member.__init__ if inspect.isclass(member) else member
    return [
        marks.get(parameter.kind, '') + name
        for name, parameter in inspect.signature(target).parameters.items()
        if name not in ('self', 'cls')
    ]


def problem(member) -> str:
    """What is wrong with the docstring of a class, a method or a function."""
    docstring = inspect.getdoc(member) if '__doc__' in dir(member) else ''
    if not docstring:
        return 'has no docstring'
    names = documented(docstring)
    # One line may do where everything is in the signature's types.
    if names and names != arguments(member):
        return f'documents {names}, and takes {arguments(member)}'
    typeless = re.findall(r'^ {4}(\w+): ', args_section(docstring), re.MULTILINE)
    return f'documents {typeless} without their types' if typeless else ''


def test_modules_say_what_they_are():
    silent = [name for name in MODULES if not importlib.import_module(name).__doc__]
    assert not silent, '\n'.join(silent)


def test_docstrings_fit_signatures():
    problems = {name: problem(member) for name, member in MEMBERS.items()}
    wrong = [f'{name} {text}' for name, text in problems.items() if text]
    assert not wrong, '\n'.join(wrong)


def error_texts(path: Path):
    """Yield the texts that a file raises errors with, and the lines they stand in."""
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
            continue
        for text in node.exc.args[:1]:
            if isinstance(text, ast.JoinedStr):
                parts = (getattr(part, 'value', None) for part in text.values)
                yield (
                    node.lineno,
                    ''.join(p if isinstance(p, str) else '{}' for p in parts),
                )
            elif isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.lineno, text.value


def test_errors_are_sentences():
    root = Path(mmreid.__path__[0])
    wrong = [
        f'{path.relative_to(root)}:{line} {text}'
        for path in sorted(root.rglob('*.py'))
        for line, text in error_texts(path)
        # A clause, which whoever catches it ends, begins small; another error or a
        # command to copy may stand at the end.
        if 'but got' in text or (text[0].isupper() and text[-1] not in '.?}')
    ]
    assert not wrong, '\n'.join(wrong)
