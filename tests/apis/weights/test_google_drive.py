"""Files on Google Drive are known by their addresses, and fetched by gdown."""

import sys
import types

import pytest

from mmreid.apis.model_names import list_models
from mmreid.apis.weights import google_drive
from mmreid.apis.weights.google_drive import DriveError, drive_id, fetch_from_drive

ADDRESS = 'https://drive.google.com/file/d/1a-B_c/view'


@pytest.mark.parametrize(
    ('address', 'found'),
    [
        (ADDRESS, '1a-B_c'),
        (f'{ADDRESS}?usp=sharing', '1a-B_c'),
        ('https://drive.google.com/uc?id=1a-B_c', '1a-B_c'),
        ('https://drive.google.com/uc?export=download&id=1a-B_c', '1a-B_c'),
        ('https://drive.google.com/open?id=1a-B_c', '1a-B_c'),
        ('https://drive.google.com/drive/folders/1a-B_c', None),
        ('https://example.org/file/d/1a-B_c/view', None),
    ],
)
def test_addresses(address, found):
    assert drive_id(address) == found


def test_published_addresses_are_of_files():
    sources = [model.source for model in list_models().values() if model.source]
    drive = [s.weights for s in sources if 'drive.google.com' in s.weights]
    assert drive
    assert all('/folders/' in address or drive_id(address) for address in drive)


def answer(monkeypatch, download):
    """Have a gdown that answers without a network; the real one needs it."""
    module = types.SimpleNamespace(download=download)
    monkeypatch.setitem(sys.modules, 'gdown', module)


def test_a_file_comes_whole(monkeypatch, tmp_path):
    asked = []

    def download(**options):
        asked.append(options['id'])
        with open(options['output'], 'wb') as file:
            file.write(b'weights')

    answer(monkeypatch, download)
    path = tmp_path / 'folder' / 'view'
    fetch_from_drive(ADDRESS, path)
    assert asked == ['1a-B_c']
    assert path.read_bytes() == b'weights'
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize('fails', [True, False])
def test_nothing_is_kept_of_what_failed(monkeypatch, tmp_path, fails):
    def download(**options):
        if fails:
            raise RuntimeError('Too many users have viewed it.\nTry later.')

    answer(monkeypatch, download)
    with pytest.raises(DriveError, match='Too many users' if fails else 'nothing came'):
        fetch_from_drive(ADDRESS, tmp_path / 'view')
    assert [*tmp_path.iterdir()] == []


def test_without_gdown(monkeypatch):
    monkeypatch.setattr(google_drive.importlib.util, 'find_spec', lambda name: None)
    assert not google_drive.can_fetch(ADDRESS)
