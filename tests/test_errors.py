"""Errors that end a program: what is shown of them."""

import argparse
import errno
from pathlib import Path

import pytest
from torch.utils.data import DataLoader, Dataset

from mmreid.engine import short_errors
from mmreid.errors import explain, explain_config
from mmreid.registry import MODELS


class Unreadable(Dataset):
    def __init__(self, kind):
        self.kind = kind

    def __len__(self):
        return 4

    def __getitem__(self, index):
        try:
            raise self.kind('OSError: cause')
        except self.kind as error:
            raise self.kind(f'cannot read picture {index} (OSError:\n odd)') from error


@pytest.mark.parametrize('kind', [OSError, FileNotFoundError, ValueError])
@pytest.mark.parametrize('num_workers', [0, 1])
def test_an_error_of_a_worker_is_explained_as_one_of_this_process(kind, num_workers):
    with pytest.raises(kind) as caught:
        list(DataLoader(Unreadable(kind), num_workers=num_workers))
    assert ('Traceback' in str(caught.value)) == bool(num_workers)
    shown = ' '.join(explain(caught.value).split())
    assert shown == 'cannot read picture 0 (OSError: odd)'


def test_short_errors_end_with_the_message(capsys):
    parser = argparse.ArgumentParser()
    with (
        pytest.raises(SystemExit) as ended,
        short_errors(parser.exit, ValueError, debug=False),
    ):
        raise ValueError('get the data from X')
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert 'get the data from X' in message
    assert 'Traceback' not in message


def test_a_folder_in_place_of_a_file_is_told(tmp_path):
    missing = FileNotFoundError(errno.ENOENT, 'No such file', str(tmp_path))
    assert explain(missing) == f'{str(tmp_path)!r} is a folder, where a file is needed.'


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('bot_markt.py', "no file 'bot_markt.py'; did you mean 'bot_market.py'?"),
        ('1.jpg', "no file '1.jpg'; check the path."),
        ('bto/bot_market.py', "no file 'bto/bot_market.py', nor a folder 'bto'"),
    ],
)
def test_a_file_that_is_not_there_is_told_with_the_nearest(
    tmp_path, monkeypatch, name, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'bot_market.py').touch()
    with pytest.raises(FileNotFoundError) as caught:
        Path(name).read_text()
    assert message in explain(caught.value)


@pytest.mark.parametrize('debug', [False, True])
def test_other_errors_and_debug_keep_the_traceback(debug):
    kind = ValueError if debug else KeyError
    with (
        pytest.raises(kind, match='cause'),
        short_errors(lambda *_: None, ValueError, debug=debug),
    ):
        raise kind('cause')


class Base:
    def __init__(self, data_root: str = '') -> None: ...

    def move(self, speed: int = 0) -> None: ...

    def build(self, seed: int = 0) -> None: ...


class Child(Base):
    def __init__(self, split: str = '', **kwargs: str) -> None:
        super().__init__(**kwargs)


@pytest.mark.parametrize(
    ('build', 'text'),
    [
        (lambda: Child(data_rot='x'), "argument 'data_rot'; did you mean 'data_root'?"),
        (lambda: Child(spilt='x'), "argument 'spilt'; did you mean 'split'?"),
        (
            lambda: DataLoader([], batchsize=4),
            "'batchsize'; did you mean 'batch_size'?",
        ),
        (lambda: Base(colour='x'), "Base has no argument 'colour'."),
        (lambda: Base().move(sped=1), "Base.move has no argument 'sped'; did you mean"),
        (lambda: Child.build(1, sed=1), "'sed'; did you mean 'seed'?"),
    ],
)
def test_an_argument_that_a_class_has_not_is_told_with_the_nearest(build, text):
    with pytest.raises(TypeError) as caught:
        build()
    assert text in explain_config(caught.value)


@pytest.mark.parametrize(
    ('cfg', 'text'),
    [
        (dict(type='PersonRed'), "no model 'PersonRed'; did you mean 'PersonReID'?"),
        (dict(type='GlobalPol'), "no model 'GlobalPol'; did you mean 'GlobalPool'?"),
        (dict(type='Xyzzy'), "there is no model 'Xyzzy'."),
        (dict(depth=18), 'an entry of the config has no type: '),
    ],
)
def test_a_type_that_nothing_has(cfg, text):
    with pytest.raises(KeyError) as caught:
        MODELS.build(cfg)
    assert text in explain_config(caught.value)
    assert explain_config(KeyError('depth')) == explain_config(KeyError(3)) == ''


def test_other_type_errors_keep_their_traceback(capsys):
    parser = argparse.ArgumentParser()
    with pytest.raises(TypeError), short_errors(parser.exit, OSError, debug=False):
        len(3)
    with pytest.raises(SystemExit), short_errors(parser.exit, OSError, debug=False):
        Child(data_rot='x')
    assert "did you mean 'data_root'?" in capsys.readouterr().err
