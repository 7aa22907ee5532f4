"""tools/analysis_tools/plot_logs.py, as users call it."""

import json
import sys

import pytest


def test_runs_are_drawn_and_errors_are_short(load_tool, monkeypatch, tmp_path, capsys):
    folder = tmp_path / 'bot' / '20260101_000000' / 'vis_data'
    folder.mkdir(parents=True)
    row = {'lr': 0.1, 'loss': 1.5, 'epoch': 1, 'iter': 50, 'step': 50}
    (folder / '20260101_000000.json').write_text(json.dumps(row))
    tool = load_tool('analysis_tools/plot_logs')
    monkeypatch.setattr(sys, 'path', list(sys.path))

    def run(*words):
        monkeypatch.setattr(sys, 'argv', ['plot_logs.py', *map(str, words)])
        tool.main()

    out = tmp_path / 'curves.png'
    run(tmp_path / 'bot', '--keys', 'loss', 'lr', '--out', out)
    assert out.is_file()
    printed = capsys.readouterr().out
    assert 'run  loss   lr\nbot   1.5  0.1\n' in printed
    assert f'wrote {out}' in printed
    with pytest.raises(SystemExit) as ended:
        run(tmp_path / 'bot', '--out', out)
    assert ended.value.code == 2
    assert "No run has logged 'reid/mAP'" in capsys.readouterr().err
