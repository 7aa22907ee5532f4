"""What repetitions refuse; tests/tools/test_repeat_tool.py makes some."""

from pathlib import Path

import pytest

from mmreid.apis.runs.plan import Run
from mmreid.apis.runs.repetition import Repetition


def test_jobs_of_slurm_need_the_scripts_of_the_repository(tmp_path: Path) -> None:
    work_dir, tools = tmp_path / 'runs', tmp_path / 'tools'
    repetition = Repetition('toy.py', 'text', work_dir, tools, partition='long')
    with pytest.raises(
        ValueError, match=r'--slurm needs slurm_train\.sh .* from the folder tools'
    ):
        repetition.run(Run('seed_01', dict(seed=1), ('randomness.seed=1',)))
