"""Run a study: many methods, several seeds each, and what differences are worth.

Says first what is missing and how long it will take, makes those runs, several at
once, and writes a table and a page. What is finished is not repeated, what was
interrupted continues, and what fails does not keep the others from being made.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mmreid.cli import flags, words
from mmreid.cli.command import command, short_errors
from mmreid.cli.repeat import TOOLS
from mmreid.processors import count_processors

if TYPE_CHECKING:
    from mmreid.apis.study.definition import Study
    from mmreid.apis.study.planning import PlannedRun
    from mmreid.apis.study.records import StudyRecords
    from mmreid.apis.study.run_record import RunRecord
    from mmreid.apis.study.running import StudyRunner

EPILOG = """
STUDY is a file of plain values: title, methods (each a config, or another method as its
base, and perhaps options), seeds, and perhaps options of all, contrasts, published and
further tests; docs/evidence/synthmini.py is one. Its runs are kept beside it, in a file
of the same name ending in .jsonl.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    parser.add_argument('study', metavar='STUDY', type=Path)
    _add_runs(parser)
    _add_machine(parser)
    _add_files(parser)
    flags.add_debug(parser)
    return parser


def _add_runs(parser: ArgumentParser) -> None:
    """Declare what is run."""
    what = parser.add_argument_group('what is run')
    what.add_argument('--plan', action='store_true', help='say it, and run nothing')
    what.add_argument(
        '--measure',
        action='store_true',
        help='time a few steps of each method that has no finished run, for the plan',
    )
    what.add_argument(
        '--no-runs', action='store_true', help='only write what finished runs tell'
    )
    what.add_argument(
        '--seeds', type=int, nargs='+', default=[], help='only these of the study'
    )
    what.add_argument(
        '--methods',
        nargs='+',
        default=[],
        metavar='NAME',
        help='only these of the study',
    )


def _add_machine(parser: ArgumentParser) -> None:
    """Declare how it is run."""
    how = parser.add_argument_group('how it is run')
    how.add_argument(
        '--parallel',
        type=words.positive,
        metavar='N',
        help='runs at the same time (default: one a core; with --slurm all, which '
        'queues them)',
    )
    how.add_argument('--slurm', metavar='PARTITION', help='run as jobs of Slurm')
    how.add_argument(
        '--work-dir', type=Path, help='of the runs (default: work_dirs/STUDY)'
    )


def _add_files(parser: ArgumentParser) -> None:
    """Declare what is written."""
    out = parser.add_argument_group('what is written')
    out.add_argument(
        '--records', type=Path, metavar='FILE.jsonl', help='default: beside STUDY'
    )
    out.add_argument(
        '--page',
        type=Path,
        metavar='FILE.md',
        help='default: beside STUDY; its plots are put into the folder images there',
    )
    out.add_argument(
        '--quote',
        type=Path,
        metavar='CONFIGS',
        help='also write scores and comparisons into CONFIGS/*/README.md, between the '
        'lines <!-- evidence --> and <!-- /evidence -->',
    )


@command
def main() -> None:
    """Plan, run, compare, write."""
    parser = make_parser()
    args = parser.parse_args()
    with short_errors(parser, args, OSError, ValueError):
        from mmreid.apis.study.definition import read_study
        from mmreid.apis.study.planning import missing_runs, plan_study
        from mmreid.apis.study.records import StudyRecords

        study = read_study(args.study)
        records = StudyRecords(args.records or args.study.with_suffix('.jsonl'))
        runs = plan_study(study, args.seeds, args.methods)
        missing, stale = missing_runs(runs, records)
        if stale:
            print(
                f'{len(stale)} recorded runs are of another config or other options, '
                f'and are made again; the first is {stale[0].name}.'
            )
        failed: list[PlannedRun] = []
        if not args.no_runs:
            failed = _run(args, study, records, runs, missing)
        if not args.plan:
            _write(args, study, records)
    if failed:
        parser.exit(1, f'{len(failed)} runs have failed.\n')


def _run(
    args: Namespace,
    study: 'Study',
    records: 'StudyRecords',
    runs: 'list[PlannedRun]',
    missing: 'list[PlannedRun]',
) -> 'list[PlannedRun]':
    """Say what is missing, make it, and test what is trained further."""
    from mmreid.apis.study.cost import estimate_cost
    from mmreid.apis.study.further_tests import further_records, untested_runs
    from mmreid.apis.study.running import StudyRunner

    cores = len(missing) if args.slurm else count_processors()
    parallel = args.parallel or max(1, cores)
    print(f'{study.title}: {len(records.runs)} runs are finished. Missing are')
    print(estimate_cost(missing, records, parallel, args.measure), flush=True)
    if args.plan:
        return []
    work_dir = args.work_dir or Path('work_dirs', args.study.stem)
    runner = StudyRunner(study, records, work_dir, TOOLS, parallel, args.slurm)
    failed = _make(runner, missing)
    for test in study.tests.values():
        further = further_records(records, test)
        untested = untested_runs(runs, records, further, work_dir)
        if untested:
            print(f'further test {test.name!r}, {len(untested)} runs:', flush=True)
            tester = replace(runner, records=further, test=test)
            failed += _make(tester, untested)
    return failed


def _make(runner: 'StudyRunner', runs: 'list[PlannedRun]') -> 'list[PlannedRun]':
    """Make runs, and tell of each; return those that have failed."""
    ended = 0

    def report(run: 'PlannedRun', outcome: 'RunRecord | str') -> None:
        nonlocal ended
        ended += 1
        told = outcome if isinstance(outcome, str) else _describe(outcome)
        print(f'[{ended}/{len(runs)}] {run.name}: {told}', flush=True)

    try:
        return runner.run_all(runs, report)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            'finished runs are kept; the same command goes on.'
        ) from None


def _describe(record: 'RunRecord') -> str:
    took = '' if record.seconds is None else f', {record.seconds / 60:.1f} min'
    scores = ', '.join(f'{name} {record.metrics[name]:.1f}' for name in ('mAP', 'R1'))
    return f'{scores}{took}'


def _write(args: Namespace, study: 'Study', records: 'StudyRecords') -> None:
    """Print the tables, and write the page and its quotes."""
    from mmreid.apis.study.findings import find_differences
    from mmreid.apis.study.writing.page import write_page
    from mmreid.apis.study.writing.quotes import write_quotes
    from mmreid.apis.study.writing.table import format_study

    if not records.runs:
        print('No run is finished, so that there is nothing to tell.')
        return
    findings = find_differences(study, records)
    print(format_study(study, records, findings))
    page = args.page or args.study.with_suffix('.md')
    written = write_page(page, study, records, findings, args.study)
    if args.quote is not None:
        written += write_quotes(args.quote, study, records, findings, page)
    print(f'written: {", ".join(map(str, written))}')
