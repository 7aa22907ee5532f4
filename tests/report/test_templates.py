"""Where the files of pages are."""

from pathlib import Path

import mmreid.report

ASSETS = Path(mmreid.report.__file__).with_name('assets')


def test_each_asset_has_a_name_of_its_own():
    # Pages have them in one folder, and templates.py finds them by name.
    names = [file.name for file in ASSETS.rglob('*') if file.is_file()]
    assert len(names) == len({*names}) > 20
