"""The command ``mmreid`` finds its subcommands, and answers at once."""

import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module, util
from pathlib import Path
from types import SimpleNamespace

import pytest
from patience import PATIENCE, wait_until

import mmreid
from mmreid.cli import main as roof
from mmreid.cli.command import command
from mmreid.cli.main import COMMANDS
from mmreid.optional import import_optional

ROOT = Path(mmreid.__file__).parents[1]


def run(*words, **options):
    """Run ``python -m mmreid`` as a process of its own."""
    command = [sys.executable, '-m', 'mmreid', *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


def test_help_lists_every_command(monkeypatch, capsys):
    for words in ([], ['--help'], ['-h']):
        monkeypatch.setattr(sys, 'argv', ['mmreid', *words])
        roof.main()
        lines = capsys.readouterr().out.splitlines()
        listed = {line.split()[0]: line for line in lines if line.startswith('  ')}
        assert listed.keys() == COMMANDS.keys()
        assert all(text in listed[name] for name, (_, text) in COMMANDS.items())
        assert max(map(len, lines)) <= 80


def test_every_command_is_a_module_with_a_parser():
    for name, (module, _) in COMMANDS.items():
        assert util.find_spec(module) is not None, name
        assert callable(import_module(module).main), name


@pytest.mark.parametrize('words', [[], ['train', '--help'], ['nothing']])
def test_nothing_heavy_is_imported_for_help(words):
    code = f"""
import sys
sys.argv = ['mmreid', *{words}]
import mmreid.cli.main
try:
    mmreid.cli.main.main()
except SystemExit:
    pass
heavy = {{'torch', 'mmengine', 'numpy', 'cv2'}} & sys.modules.keys()
sys.exit(f'imported {{heavy}}' if heavy else 0)
"""
    subprocess.run([sys.executable, '-c', code], check=True, capture_output=True)


def test_help_of_a_command_names_it():
    shown = run('train', '--help')
    assert shown.returncode == 0
    assert shown.stdout.startswith('usage: mmreid train [-h]')


@pytest.mark.parametrize(
    ('word', 'text'),
    [
        ('trian', "there is no command 'trian'; did you mean train?"),
        ('qqqqq', "there is no command 'qqqqq'."),
        ('--versoin', "there is no option '--versoin'"),
    ],
)
def test_an_unknown_command_names_the_nearest(word, text, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['mmreid', word])
    with pytest.raises(SystemExit) as end:
        roof.main()
    assert end.value.code == 2
    assert text in capsys.readouterr().err


def test_the_version_is_told():
    assert run('--version').stdout == f'mmreid {mmreid.__version__}\n'


def test_the_page_of_the_command_line_has_an_example_of_every_command():
    page = (ROOT / 'docs' / 'reference' / 'command_line.md').read_text('utf-8')
    examples = re.findall(r'^\| `([\w-]+)` \| `mmreid ([\w-]+)', page, re.MULTILINE)
    assert [name for name, _ in examples] == [*COMMANDS]
    assert all(name == used for name, used in examples)


def interrupt(words, folder, after):
    """Press Ctrl-C in a terminal of a process of which something is so."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH')]))
    process = subprocess.Popen(
        [sys.executable, '-m', 'mmreid', *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=dict(os.environ, PYTHONPATH=path),
    )
    wait_until(lambda: after(process.pid), process.poll)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


@pytest.mark.skipif(not Path('/proc/self/maps').exists(), reason='needs /proc')
def test_ctrl_c_amid_an_import_ends_at_once(tmp_path):
    def imports_torch(process):
        return 'libtorch' in Path(f'/proc/{process}/maps').read_text()

    words = ['flops', 'bot_r18_synthmini']
    status, errors = interrupt(words, tmp_path, imports_torch)
    assert (status, errors.strip()) == (130, 'interrupted: it was not done.')


@pytest.mark.slow
@pytest.mark.parametrize(
    'words', [['synthreid', 'data/synthreid_mini'], ['scene', 'data'], ['demo']]
)
def test_ctrl_c_amid_the_work_of_many_processes(words, tmp_path):

    def has_pictures(process):
        return len([*tmp_path.glob('data/**/*.*')]) > 1

    status, errors = interrupt(words, tmp_path, has_pictures)
    assert status == 130
    assert 'interrupted: ' in errors
    assert 'Traceback' not in errors


def test_an_unexpected_error_is_no_failed_input(monkeypatch, capsys):
    def fail():
        raise RuntimeError('a fault of the program')

    monkeypatch.setattr(roof, 'import_module', lambda name: SimpleNamespace(main=fail))
    monkeypatch.setattr(sys, 'argv', ['mmreid', 'models'])
    with pytest.raises(SystemExit) as end:
        roof.main()
    assert end.value.code == 2
    assert 'RuntimeError: a fault of the program' in capsys.readouterr().err


def test_a_missing_optional_package_is_a_sentence(monkeypatch, capsys):
    def need():
        import_optional('no_such_package_here', 'This')

    monkeypatch.setattr(
        roof, 'import_module', lambda name: SimpleNamespace(main=command(need))
    )
    monkeypatch.setattr(sys, 'argv', ['mmreid', 'models'])
    with pytest.raises(SystemExit) as end:
        roof.main()
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith('error: This needs the package no_such_package_here')
    assert 'Traceback' not in message


def test_models_answer_in_json(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['mmreid', 'models', '--json', 'agw_r50_market'])
    roof.main()
    models = json.loads(capsys.readouterr().out)
    assert models
    assert all('agw_r50_market' in model['name'] for model in models)
    assert all(model['source']['license'] for model in models)
