"""What pymilvus does to the process that imports it."""

import subprocess
import sys

import pytest

_CODE = """
import logging, sys
from mmreid.search.milvus.connection import import_pymilvus
handler = logging.FileHandler(sys.argv[1])
set_up = logging.config.dictConfig
import_pymilvus()
print(handler.stream is not None, logging.config.dictConfig is set_up)
"""


def test_log_files_stay_open(tmp_path):
    pytest.importorskip('pymilvus')
    done = subprocess.run(
        [sys.executable, '-c', _CODE, str(tmp_path / 'train.log')],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == 'True True\n', done.stderr
