"""What was run, how far, where and how long."""

from collections.abc import Iterable, Mapping

import numpy as np

from mmreid.apis.study.definition import Study
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.run_record import RunRecord
from mmreid.apis.study.writing.markdown import markdown_table

# Of where a run was made, what tells one group of runs from another.
_PLACE = ('source', 'commit', 'device', 'instructions', 'arithmetic', 'torch')


def tell_course(study: Study, records: StudyRecords) -> str:
    """Tell in Markdown what was run.

    Args:
        study (Study): What was to be run.
        records (StudyRecords): What was run, at least one run.
    """
    return '\n\n'.join(
        [
            _tell_runs(study, records),
            _seeds_table(study, records),
            _tell_test(records.protocol, records.persons),
            _tell_time(records.runs.values()),
            markdown_table(_places(records.runs.values())),
        ]
    )


def _tell_runs(study: Study, records: StudyRecords) -> str:
    planned = len(study.methods) * len(study.seeds)
    there = sum((m, s) in records.runs for m in study.methods for s in study.seeds)
    seeds = ', '.join(map(str, study.seeds))
    missing = planned - there
    return (
        f'{len(study.methods)} methods with {len(study.seeds)} seeds ({seeds}) are '
        f'{planned} runs, of which {there} are finished and {missing} are missing.'
    )


def _seeds_table(study: Study, records: StudyRecords) -> str:
    reached: dict[int, list[str]] = {}
    for name in study.methods:
        reached.setdefault(len(records.of_method(name)), []).append(name)
    rows = [[str(n), ', '.join(reached[n])] for n in sorted(reached, reverse=True)]
    return markdown_table([['seeds', 'methods that have so many'], *rows])


def _tell_test(protocol: Mapping, persons: np.ndarray) -> str:
    """Tell what the networks were tested on, as the stamp of the test has it."""
    return (
        f'Every network was trained on {protocol["trained_on"]} and tested on '
        f'{protocol["dataset"]} {protocol["version"]} {protocol["split"]}: '
        f'{protocol["num_query_evaluated"]:,} queries of {len(np.unique(persons)):,} '
        f'persons among {protocol["num_gallery"]:,} pictures, of which '
        f'{protocol["num_distractor"]:,} are distractors. Ignored are '
        f'{protocol["junk_rule"].removesuffix(", are ignored")}.'
    )


def _tell_time(runs: Iterable[RunRecord]) -> str:
    """Tell how long trainings and tests took; interrupted ones have no time."""
    known = [run.seconds for run in runs]
    seconds = [value for value in known if value is not None]
    text = f'Training and testing took {_hours(seconds)} hours, all runs added up.'
    unknown = len(known) - len(seconds)
    if unknown:
        text += f' Runs that were interrupted are not among these: {unknown}.'
    return text


def _places(runs: Iterable[RunRecord]) -> list[list[str]]:
    """Tell where runs were made, most runs first."""
    groups: dict[tuple[str, ...], list[RunRecord]] = {}
    for run in runs:
        place = tuple(run.made.get(name, '') for name in _PLACE)
        groups.setdefault(place, []).append(run)
    rows = []
    for place in sorted(groups, key=lambda place: (-len(groups[place]), place)):
        own = groups[place]
        dates = sorted({run.made['date'] for run in own})
        told = dates[0] if len(dates) == 1 else f'{dates[0]} to {dates[-1]}'
        hours = _hours(run.seconds for run in own if run.seconds is not None)
        rows.append([str(len(own)), hours, *place, told])
    head = ['hash of the folder mmreid', 'commit', 'processor or GPU', *_PLACE[3:]]
    return [['runs', 'hours', *head, 'date'], *rows]


def _hours(seconds: Iterable[float]) -> str:
    return f'{sum(seconds) / 3600:.1f}'
