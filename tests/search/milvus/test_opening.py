"""Threads that open galleries at once."""

import logging.config
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from mmreid.search import MilvusGallery
from mmreid.search.milvus import MilvusAddress, connection
from mmreid.search.milvus.connection import Connection

KEY = 'b' * 64


def test_milvus_lite_opens_each_collection_once(tmp_path, monkeypatch):
    db = pytest.importorskip('milvus_lite.db')
    address, opened, collection = f'milvus:{tmp_path}/m.db', Counter(), db.Collection
    MilvusGallery.create(address, 4, model_key=KEY).close()

    def open_slowly(name, *args, **options):
        opened[name] += 1
        time.sleep(0.2)
        return collection(name, *args, **options)

    monkeypatch.setattr(db, 'Collection', open_slowly)
    vectors = np.eye(4, dtype='f4')

    def add(_):
        with MilvusGallery(address) as gallery:
            return gallery.add(vectors, model_key=KEY)

    place = MilvusAddress.parse(address)
    # The folder stays open between two of them.
    with closing(Connection(place, None, 30.0)), ThreadPoolExecutor(4) as threads:
        batches = [*threads.map(add, range(4))]
    assert opened == {'gallery': 1, 'gallery__mmreid': 1}
    # A range that two claimed at once stays unused: ids may jump between batches.
    assert all((np.diff(batch) == 1).all() for batch in batches)
    ids = np.sort(np.concatenate(batches))
    assert len(np.unique(ids)) == 16
    with MilvusGallery(address) as gallery:
        assert [entry.id for entry in gallery.entries()] == ids.tolist()


def test_imports_at_once_leave_logging_as_it_was(monkeypatch):
    set_up = logging.config.dictConfig
    monkeypatch.setattr(logging.config, 'dictConfig', set_up)
    monkeypatch.setattr(
        connection, 'import_optional', lambda *_, **__: time.sleep(0.05)
    )

    def start(number):
        time.sleep(0.02 * number)
        connection.import_pymilvus()

    with ThreadPoolExecutor(2) as threads:
        [*threads.map(start, range(2))]
    assert logging.config.dictConfig is set_up
