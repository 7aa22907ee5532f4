"""What `mmreid demo` runs, and how long it says that it will take."""

import importlib
import subprocess
import sys

import pytest

from mmreid.apis import config_path
from mmreid.cli import demo
from mmreid.cli.demo_time import Timetable, in_words, measure_slowness
from mmreid.cli.main import COMMANDS
from mmreid.engine import read_config


class Clock:
    """Stands still until it is told to pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_estimate_is_of_the_machine():
    times = Timetable({'draw': 10, 'train': 90}, slowness=2, clock=Clock())
    assert times.left() == pytest.approx(200)
    assert times.left('train') == pytest.approx(180)


def test_an_estimate_follows_what_parts_took():
    clock = Clock()
    times = Timetable({'draw': 70, 'train': 100}, slowness=1, clock=clock)
    clock.now += 270
    times.finish('draw')
    # 30 seconds of the measurement and 70 of the part took 30 and 270.
    assert times.left() == pytest.approx(300)
    clock.now += 300
    times.finish('train')
    assert times.left() == 0
    assert times.passed() == pytest.approx(570)


def test_slowness_is_what_a_thread_misses():
    clock = Clock()

    def with_pauses() -> float:
        clock.now += 1 / 390  # for a chunk of 100,000 that takes a 390th of a second
        return clock.now

    assert measure_slowness(1, with_pauses) == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(
    ('seconds', 'words'),
    [
        (2, '10 s'),
        (84, '80 s'),
        (120, '2 min'),
        (271, '4 min 30 s'),
        (3599, '60 min'),
    ],
)
def test_times_in_words(seconds, words):
    assert in_words(seconds) == words


def test_threads_are_one_unless_the_user_says_otherwise():
    assert demo.environment({'PATH': 'p'}) == {'PATH': 'p', 'OMP_NUM_THREADS': '1'}
    assert demo.environment({'OMP_NUM_THREADS': '4'}) == {'OMP_NUM_THREADS': '4'}


@pytest.fixture
def started(monkeypatch, tmp_path, capsys) -> tuple[list[list[str]], str]:
    """Run the demonstration with programs that do nothing but write results."""
    found = []

    class Child:
        def __init__(self, words: list[str], **options: object) -> None:
            found.append(words[1:])
            assert options['env']['OMP_NUM_THREADS']
            if '--out' in words:
                path = tmp_path / words[words.index('--out') + 1]
                path.parent.mkdir(parents=True, exist_ok=True)
                metrics = ', '.join(f'"reid/{name}": 50' for name in demo.METRICS)
                path.write_text(f'{{{metrics}}}', 'utf-8')
            elif 'train' in words:
                (tmp_path / 'work_dirs/demo/last_checkpoint').write_text('epoch_8.pth')

        def __enter__(self) -> 'Child':
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, 'Popen', Child)
    monkeypatch.setattr(sys, 'argv', ['mmreid demo'])
    monkeypatch.chdir(tmp_path)
    demo.main()
    return found, capsys.readouterr().out


def test_it_runs_commands_that_there_are(started):
    commands, said = started
    assert len(commands) == len(demo.seconds_of_parts()) == 5
    for _, package, name, *words in commands:
        assert package == 'mmreid'
        importlib.import_module(COMMANDS[name][0]).make_parser().parse_args(words)
    assert said.startswith('This will take about ')
    assert 'until the end' in said
    assert 'trained' in said.splitlines()[-3]


def test_its_training_is_a_small_one():
    cfg = read_config(config_path(demo.CONFIG))
    steps = cfg.train_dataloader.dataset.pipeline
    assert [step.scale for step in steps if step.type == 'Resize'] == [(48, 96)]
    assert cfg.param_scheduler[-1].end == cfg.train_cfg.max_epochs == 8
