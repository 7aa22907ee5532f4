"""What a study consists of: a plain list of configs, options, seeds and comparisons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mmreid.engine.config_files.literals import parse_config_text
from mmreid.files import read_text


@dataclass(frozen=True)
class StudiedMethod:
    """One method of a study.

    Attributes:
        name: As tables show it.
        config: Its config file or name.
        options: What is changed of it, ``KEY=VALUE``, behind the study's options.
    """

    name: str
    config: str
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The name as that of a folder."""
        return _folder_name(self.name)


@dataclass(frozen=True)
class FurtherTest:
    """A further test of what a study has trained, as on another test set.

    Attributes:
        name: As tables show it.
        options: What is changed of the method's config for it, ``KEY=VALUE``.
    """

    name: str
    options: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The name as that of a folder."""
        return _folder_name(self.name)


@dataclass(frozen=True)
class Contrast:
    """Two methods of a study whose difference is asked for.

    Attributes:
        method: The one that should be better.
        against: The one it is compared with.
        remark: What is known of the reason, where the result disagrees with the
            paper's.
    """

    method: str
    against: str
    remark: str = ''


@dataclass(frozen=True)
class Study:
    """A study as its file tells it.

    Attributes:
        title: Of the table and the page.
        methods: By name.
        seeds: Values of ``randomness.seed``, each of every method.
        options: What is changed of all configs, ``KEY=VALUE``.
        contrasts: Pairs of methods that are compared; one family for the correction of
            their p values.
        published: File of what papers print, empty where there is none.
        text: What the page says before its tables, in Markdown.
        tests: Further tests of the trained networks, by name.
        tests_text: What the page says before the table of these, in Markdown.
    """

    title: str
    methods: Mapping[str, StudiedMethod]
    seeds: tuple[int, ...]
    options: tuple[str, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    published: str = ''
    text: str = ''
    tests: Mapping[str, FurtherTest] = field(default_factory=dict)
    tests_text: str = ''


def read_study(file: str | Path) -> Study:
    """Read a study's file.

    It holds assignments of plain values, which are read and not run: ``title``,
    ``methods`` (by name a dict with ``config`` and perhaps ``options``), ``seeds``, and
    as wanted ``options``, ``contrasts`` (dicts with ``method``, ``against`` and perhaps
    ``remark``), ``published`` (a file, from the study's own folder), ``text``,
    ``tests`` (by name the options of a further test) and ``tests_text``. A method that
    changes one before it has its name as ``base``, instead of a config; the base's
    config and options are taken over.

    Args:
        file (str | Path): The file.

    Raises:
        ConfigFileError: It is no list of plain values.
        ValueError: An entry is missing, unknown or of another kind, a comparison or a
            base names a method that is not there, or two methods or seeds are the same.
    """
    path = Path(file)
    try:
        return _make_study(
            parse_config_text(read_text(str(path)), str(path)), path.parent
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f'{path}: {error}') from error
    except ValueError as error:
        raise type(error)(_named(path, error)) from error


def _named(path: Path, error: ValueError) -> str:
    return str(error) if str(path) in str(error) else f'{path}: {error}'


def _make_study(values: dict[str, Any], folder: Path) -> Study:
    """Put a study together of the values of its file."""
    _check_names('a study', values, _names(Study), ('title', 'methods', 'seeds'))
    methods: dict[str, StudiedMethod] = {}
    for name, entry in values['methods'].items():
        methods[name] = _method(name, entry, methods)
    contrasts = tuple(
        _contrast(entry, methods) for entry in values.get('contrasts', ())
    )
    published = values.get('published', '')
    study = Study(
        title=str(values['title']),
        methods=methods,
        seeds=_seeds(values['seeds']),
        options=_words('options', values.get('options', ())),
        contrasts=contrasts,
        published=str(folder / published) if published else '',
        text=str(values.get('text', '')),
        tests={
            name: FurtherTest(name, _words(f'test {name!r}', options))
            for name, options in values.get('tests', {}).items()
        },
        tests_text=str(values.get('tests_text', '')),
    )
    _check_folders('methods', study.methods.values())
    _check_folders('tests', study.tests.values())
    return study


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _check_names(
    what: str, values: Any, known: Sequence[str], needed: Sequence[str] = ()
) -> None:
    """Refuse an entry that is missing, unknown, or no dict."""
    if not isinstance(values, dict):
        raise ValueError(f'{what} must be a dict, got {values!r}.')
    unknown = [name for name in values if name not in known]
    if unknown:
        raise ValueError(f'{what} has no {unknown[0]!r}; it may have {known}.')
    missing = [name for name in needed if not values.get(name)]
    if missing:
        raise ValueError(f'{what} needs {missing[0]!r}.')


def _method(
    name: str, entry: Any, before: Mapping[str, StudiedMethod]
) -> StudiedMethod:
    """Read a method, with what it takes over of one before it."""
    what = f'method {name!r}'
    _check_names(what, entry, ['config', 'base', 'options'])
    options = _words(f'options of {name!r}', entry.get('options', ()))
    if bool(entry.get('config')) == bool(entry.get('base')):
        raise ValueError(f"{what} needs 'config' or 'base', one of the two.")
    if not entry.get('base'):
        return StudiedMethod(name, str(entry['config']), options)
    base = before.get(entry['base'])
    if base is None:
        raise ValueError(
            f'{what} has the base {entry["base"]!r}, which is no method before it; '
            f'there are {sorted(before)}.'
        )
    return StudiedMethod(name, base.config, (*base.options, *options))


def _contrast(entry: Any, methods: Mapping[str, StudiedMethod]) -> Contrast:
    _check_names('a contrast', entry, _names(Contrast), ('method', 'against'))
    for name in (entry['method'], entry['against']):
        if name not in methods:
            raise ValueError(
                f'a contrast names {name!r}, which is no method of the study; it has '
                f'{sorted(methods)}.'
            )
    return Contrast(**entry)


def _words(what: str, values: Any) -> tuple[str, ...]:
    """Check ``KEY=VALUE`` strings."""
    if isinstance(values, str) or not all('=' in str(value) for value in values):
        raise ValueError(f'{what} must be a list of KEY=VALUE, got {values!r}.')
    return tuple(map(str, values))


def _seeds(values: Any) -> tuple[int, ...]:
    seeds = tuple(values)
    if not all(type(seed) is int and seed >= 0 for seed in seeds):
        raise ValueError(f'seeds must be whole numbers from 0 on, got {values!r}.')
    if len(set(seeds)) < len(seeds):
        raise ValueError(f'every seed may stand once, got {values!r}.')
    return seeds


def _folder_name(name: str) -> str:
    return re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')


def _check_folders(what: str, named: Iterable[StudiedMethod | FurtherTest]) -> None:
    """Refuse names of which two would share a folder."""
    owners: dict[str, str] = {}
    for one in named:
        other = owners.setdefault(one.folder, one.name)
        if not one.folder or other != one.name:
            raise ValueError(
                f'the names of {what} {other!r} and {one.name!r} must differ in '
                'letters or digits: they name the folders of the runs.'
            )
