"""The command line of ``mmreid export``."""

import sys

import pytest

from mmreid.apis import ExportOptions
from mmreid.cli.main import main
from mmreid.cli.model_converters import export
from mmreid.deploy.export import FORMATS
from mmreid.deploy.facts import CHANNELS, PRECISIONS


def test_its_words_are_those_of_the_package():
    args = export.make_parser().parse_args(['a.pth'])
    assert ExportOptions(**export._options(args)) == ExportOptions()
    choices = {a.dest: a.choices for a in export.make_parser()._actions if a.choices}
    assert choices == dict(to=(*FORMATS,), precision=PRECISIONS, channels=CHANNELS)


@pytest.mark.parametrize(
    'words',
    [
        ('--to', 'openvino'),
        ('--calibration', '20'),
        ('--triton', 'repository'),
        ('--overwrite',),
    ],
)
def test_nothing_beside_judge_is_ignored(words, monkeypatch, capsys):
    given = ['mmreid', 'export', 'a.pth', '--judge', 'a.onnx', *words]
    monkeypatch.setattr(sys, 'argv', given)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f'leave out {words[0]}' in capsys.readouterr().err
