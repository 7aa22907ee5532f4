"""Errors that end a program: what is shown of them."""

import argparse

import pytest
from torch.utils.data import DataLoader, Dataset

from mmreid.engine import short_errors
from mmreid.engine.errors import explain


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


@pytest.mark.parametrize('debug', [False, True])
def test_other_errors_and_debug_keep_the_traceback(debug):
    kind = ValueError if debug else KeyError
    with (
        pytest.raises(kind, match='cause'),
        short_errors(lambda *_: None, ValueError, debug=debug),
    ):
        raise kind('cause')
