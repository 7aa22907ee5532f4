"""Ids that never collide, batches that are seen whole, whatever is killed."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from preloaded import start_program

from mmreid.search import MilvusGallery
from mmreid.search.milvus import journal as journal_module
from mmreid.search.milvus import table as table_module
from mmreid.search.milvus.journal import Journal, Snapshot

KEY = 'b' * 64
DIM = 16


def draw(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)


@pytest.fixture
def address(tmp_path):
    """An empty gallery."""
    MilvusGallery.create(f'milvus:{tmp_path}/m.db', DIM, model_key=KEY).close()
    return f'milvus:{tmp_path}/m.db'


def test_many_writers_never_share_an_id_and_readers_see_whole_batches(
    address, monkeypatch
):
    # Each batch takes several requests.
    monkeypatch.setattr(table_module, '_BYTES_AT_ONCE', 4 * DIM * 5)
    batches, given, wrong, stop = 4, [], [], threading.Event()

    def write(seed):
        with MilvusGallery(address) as gallery:
            for number in range(batches):
                name = f'{seed}-{number}'
                ids = gallery.add(draw(12, seed), model_key=KEY, persons=[name] * 12)
                given.append(ids)

    def read():
        with MilvusGallery(address, read_only=True) as gallery:
            while not stop.is_set():
                counts = {}
                for entry in gallery.entries():
                    counts[entry.person] = counts.get(entry.person, 0) + 1
                wrong.extend(count for count in counts.values() if count != 12)
                answers = gallery.search(draw(1), 12 * batches * 3, model_key=KEY)
                found = (answers.ids >= 0).sum()
                wrong.extend([found] if found % 12 else [])

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    everyone = np.concatenate(given)
    assert len(np.unique(everyone)) == len(everyone) == 12 * batches * 3
    assert not wrong
    with MilvusGallery(address) as gallery:
        assert len(gallery) == len(everyone)
        kept = gallery._journal._records('kind == "batch"')
        assert len(kept) <= 3


class Slow:
    """Records in memory; each request waits, so that claims cross."""

    def __init__(self):
        self.rows, self.lock = {}, threading.Lock()

    def _wait(self):
        time.sleep(np.random.default_rng().uniform(0, 0.002))

    def query(self, *_, **__):
        self._wait()
        with self.lock:
            return list(self.rows.values())

    def upsert(self, _, records, **__):
        self._wait()
        with self.lock:
            self.rows.update({record['key']: record for record in records})

    def delete(self, _, ids, **__):
        self._wait()
        with self.lock:
            for key in ids:
                self.rows.pop(key, None)


def test_crossing_claims_are_withdrawn():
    client, won = Slow(), []

    def write():
        journal = Journal(client, 'j', 'here', 1.0)
        for _ in range(15):
            claim = journal.claim(3)
            won.extend(range(claim.first, claim.last + 1))
            assert not journal.snapshot().visible(np.array([claim.first])).any()
            journal.finish(claim)
            journal.tidy()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(won)) == len(won) == 4 * 15 * 3
    snapshot = Journal(client, 'j', 'here', 1.0).snapshot()
    assert snapshot.hidden == ()
    assert snapshot.high == max(won)


def test_a_writer_that_is_always_late_gives_up(monkeypatch):
    class Rival(Slow):
        def upsert(self, name, records, **options):
            super().upsert(name, records, **options)
            for record in records:
                other = {**record, 'key': f'{record["key"]}x', 'state': 'done'}
                self.rows[other['key']] = other

    monkeypatch.setattr(journal_module.time, 'sleep', lambda _: None)
    with pytest.raises(TimeoutError, match='here: 50 times another writer'):
        Journal(Rival(), 'j', 'here', 1.0).claim(3)


def test_a_snapshot_hides_what_is_open():
    snapshot = Snapshot(9, ((3, 4), (8, 9)))
    ids = np.arange(12)
    assert ids[snapshot.visible(ids)].tolist() == [1, 2, 5, 6, 7]
    assert (
        snapshot.expression(5, 8) == 'id >= 5 and id <= 8 and not (id >= 8 and id <= 9)'
    )


def test_a_batch_that_fails_is_hidden_and_cleaned(address, monkeypatch):
    monkeypatch.setattr(table_module, '_BYTES_AT_ONCE', 4 * DIM * 5)
    with MilvusGallery(address, abandoned_after=0) as gallery:
        first = gallery.add(draw(3), model_key=KEY)
        client, calls = gallery._connection.client, []
        insert = client.insert

        def fail(*args, **options):
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return insert(*args, **options)

        monkeypatch.setattr(client, 'insert', fail)
        with pytest.raises(KeyboardInterrupt):
            gallery.add(draw(20), model_key=KEY)
        assert len(gallery) == 3
        assert gallery.search(draw(1), 9, model_key=KEY).ids.max() == 3
        rows = gallery._table.query('id > 0', ['id'])
        assert len(rows) > 3
        gallery.compact()
        assert len(gallery._table.query('id > 0', ['id'])) == 3
        last = gallery.add(draw(2), model_key=KEY)
        assert last.min() > 23
        assert [entry.id for entry in gallery.entries()] == [*first, *last]


_WRITER = """
import sys, numpy as np
from mmreid.search import MilvusGallery
from mmreid.search.milvus import table
address, seed = sys.argv[1], int(sys.argv[2])
table._BYTES_AT_ONCE = 4 * 16 * 5
with MilvusGallery(address) as gallery:
    print('open', flush=True)
    for number in range(100000):
        vectors = np.random.default_rng(seed).normal(size=(40, 16)).astype('float32')
        name = f'{seed}-{number}'
        ids = gallery.add(vectors, model_key='b' * 64, persons=[name] * 40)
        print(name, *ids, flush=True)
"""


def kill_while_adding(folder, address, seed, wait):
    """Return what a killed writer had been told."""
    script, log = folder / 'write.py', folder / f'log{seed}'
    script.write_text(_WRITER)
    writer = start_program([script, address, seed], log)
    while not log.exists() or not log.read_text():
        assert writer.is_alive(), Path(f'{log}.err').read_text()
        time.sleep(0.01)
    time.sleep(wait)
    writer.kill()
    writer.join()
    _, *told = log.read_text().splitlines()
    return {line.split()[0]: [*map(int, line.split()[1:])] for line in told}


def check_kills(folder, address, count):
    rng, told, seen = np.random.default_rng(1), {}, set()
    for seed in range(count):
        told |= kill_while_adding(folder, address, seed, rng.uniform(0.05, 0.4))
        with MilvusGallery(address, abandoned_after=0) as gallery:
            kept = {}
            for entry in gallery.entries():
                kept.setdefault(entry.person, []).append(entry.id)
            assert all(len(ids) == 40 for ids in kept.values())
            assert {name: kept.get(name) for name in told} == told
            everyone = [i for ids in kept.values() for i in ids]
            assert len(set(everyone)) == len(everyone) == len(gallery)
            # At most the batch whose answer was on its way is there besides.
            assert len(kept.keys() - told.keys() - seen) <= 1
            seen |= kept.keys()
            if seed % 2:
                gallery.compact()
                assert gallery._table.count('id > 0') == len(gallery)


def test_a_kill_while_adding_leaves_whole_batches(tmp_path, address):
    check_kills(tmp_path, address, 1)


@pytest.mark.slow
def test_fifty_kills_while_adding_lose_nothing(tmp_path, address):
    check_kills(tmp_path, address, 50)
