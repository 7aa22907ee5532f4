"""Further tests of what a study has trained: what they gave, and what they lack."""

from collections.abc import Sequence
from pathlib import Path

from mmreid.apis.study.definition import FurtherTest
from mmreid.apis.study.planning import PlannedRun, missing_runs
from mmreid.apis.study.records import StudyRecords


def further_records(records: StudyRecords, test: FurtherTest) -> StudyRecords:
    """Open the file of a further test, ``STUDY.TEST.jsonl`` beside ``STUDY.jsonl``.

    Args:
        records (StudyRecords): Of the study.
        test (FurtherTest): One of its further tests.
    """
    file = records.file
    return StudyRecords(file.with_name(f'{file.stem}.{test.folder}.jsonl'))


def untested_runs(
    runs: Sequence[PlannedRun],
    records: StudyRecords,
    further: StudyRecords,
    work_dir: Path,
) -> list[PlannedRun]:
    """Find which finished runs lack a further test, and still have their weights.

    Args:
        runs (Sequence[PlannedRun]): Of the study.
        records (StudyRecords): What was trained.
        further (StudyRecords): What the further test gave.
        work_dir (Path): Has a folder for each run.
    """
    unfinished, _ = missing_runs(runs, records)
    untested, _ = missing_runs(runs, further)
    trained = [run for run in runs if trained_weights(work_dir, run)]
    known = {(run.key, run.seed) for run in trained}
    known |= {(record.key, record.seed) for record in further.runs.values()}
    found = [
        run
        for run in untested
        if run not in unfinished and (run.key, run.seed) in known
    ]
    # Of one network by two names that first whose folder has its weights.
    return sorted(found, key=lambda run: run not in trained)


def trained_weights(work_dir: Path, run: PlannedRun) -> str | None:
    """Return the checkpoint that a run has ended with; None if it is not there.

    Args:
        work_dir (Path): Has a folder for each run.
        run (PlannedRun): The run.
    """
    mark = work_dir / run.name / 'last_checkpoint'
    if not mark.is_file():
        return None
    weights = Path(mark.read_text('utf-8').strip())
    return str(weights) if weights.is_file() else None
