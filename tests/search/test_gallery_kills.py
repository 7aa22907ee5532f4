"""A gallery after SIGKILL, and with several processes at once."""

import io
import json
import os
import random
import signal
import sqlite3
import time
from pathlib import Path
from typing import TextIO

import numpy as np
import pytest
from patience import PATIENCE
from preloaded import start_program

from mmreid.search import Gallery

KEY = 'b' * 64
DIM, BATCH = 32, 200


def add_batches(path, first, batches, report) -> None:
    with Gallery(path) as gallery:
        for number in range(first, first + batches):
            vectors = np.random.default_rng(number).normal(size=(BATCH, DIM))
            people = [f'{number}-{row}' for row in range(BATCH)]
            print(f'begin {number}', flush=True, file=report)
            ids = gallery.add(vectors, model_key=KEY, persons=people)
            print(f'done {number} {ids[0]} {ids[-1]}', flush=True, file=report)


def fork_adder(path: Path, first: int) -> tuple[int, TextIO]:
    """Have a process add batches without end; it begins without importing anything."""
    reading, writing = os.pipe()
    if not (process := os.fork()):
        status = 1
        try:
            add_batches(path, first, 10_000, os.fdopen(writing, 'w'))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    return process, os.fdopen(reading)


def check(path: Path, reported: dict[int, tuple[int, int]]) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
    with Gallery(path) as gallery:
        entries = [*gallery.entries()]
        batches: dict[str, list[int]] = {}
        for entry in entries:
            batches.setdefault(entry.person.split('-')[0], []).append(entry.id)
        assert {len(ids) for ids in batches.values()} <= {BATCH}
        for number, (first, last) in reported.items():
            assert batches[str(number)] == [*range(first, last + 1)]
        for number, ids in batches.items():
            right = np.random.default_rng(int(number)).normal(size=(BATCH, DIM))
            kept = gallery.vectors(ids)
            np.testing.assert_array_equal(kept, right.astype(np.float32))
            assert [e.person for e in gallery.entries(ids=ids)] == [
                f'{number}-{row}' for row in range(BATCH)
            ]


def kill_often(path: Path, kills: int) -> None:
    Gallery.create(path, DIM, model_key=KEY).close()
    rng, reported, first, inside = random.Random(17), {}, 0, 0
    for _ in range(kills):
        process, report = fork_adder(path, first)
        with report:
            # Within the first batch, or in a later one: however long a batch takes.
            before = [report.readline() for _ in range(rng.choice((1, 3)))]
            time.sleep(rng.uniform(0, 0.1))
            os.kill(process, signal.SIGKILL)
            lines = (''.join(before) + report.read()).splitlines()
        status = os.waitpid(process, 0)[1]
        assert os.WTERMSIG(status) == signal.SIGKILL
        inside += lines[-1].startswith('begin')
        for line in lines:
            words = line.split()
            first = max(first, int(words[1]) + 1)
            if words[0] == 'done' and len(words) == 4:
                reported[int(words[1])] = (int(words[2]), int(words[3]))
        # A batch may be there whose report the kill has cut off.
        first += 1
    check(path, reported)
    assert reported
    assert inside
    with Gallery(path) as gallery:
        before = len(gallery)
        gallery.add(np.ones((3, DIM)), model_key=KEY)
        assert len(gallery) == before + 3


def test_fifty_kills_lose_nothing(tmp_path):
    kill_often(tmp_path / 'g', 50)


READER = """
import json, sys, time
import numpy as np
from mmreid.search import Gallery
path, key, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = []
with Gallery(path, read_only=True) as gallery:
    query = np.random.default_rng(0).normal(size=(1, gallery.dim))
    print('open', flush=True)
    while not seen or seen[-1] < last:
        found = gallery.search(query, 10**4, model_key=key).ids
        seen.append(int((found >= 0).sum()))
        time.sleep(0.02)
print(json.dumps(seen))
"""


def test_two_readers_see_whole_batches_of_a_writer(tmp_path):
    path, batches = tmp_path / 'g', 5
    (tmp_path / 'read.py').write_text(READER)
    size = BATCH * (batches + 1)
    with Gallery.create(path, DIM, model_key=KEY) as gallery:
        gallery.add(np.ones((BATCH, DIM)), model_key=KEY)
    logs = [tmp_path / 'one', tmp_path / 'two']
    words = [tmp_path / 'read.py', path, KEY, size]
    readers = [start_program(words, log) for log in logs]
    while not all(log.exists() and log.read_text() for log in logs):
        assert all(reader.is_alive() for reader in readers)
        time.sleep(0.01)
    add_batches(path, 0, batches, io.StringIO())
    for reader, log in zip(readers, logs, strict=True):
        reader.join(PATIENCE)
        assert reader.exitcode == 0
        seen = json.loads(log.read_text().splitlines()[-1])
        assert seen == sorted(seen)
        assert seen[-1] == size
        assert {count % BATCH for count in seen} == {0}


def test_readers_follow_removals_and_writers_wait(tmp_path):
    path = tmp_path / 'g'
    with Gallery.create(path, 4, model_key=KEY) as one, Gallery(path) as other:
        ids = one.add(np.eye(4), model_key=KEY)
        assert other.search(np.eye(4), 1, model_key=KEY).ids[:, 0].tolist() == [*ids]
        one.remove(ids[:1])
        assert other.search(np.eye(4)[:1], 4, model_key=KEY).ids[0, -1] == -1
        one.compact()
        one.add(np.eye(4)[:1], model_key=KEY)
        assert other.search(np.eye(4)[:1], 1, model_key=KEY).ids == 5
    blocked = sqlite3.connect(path, isolation_level=None)
    blocked.execute('BEGIN IMMEDIATE')
    with Gallery(path, timeout=0.1) as gallery:
        with pytest.raises(TimeoutError, match='written by another process'):
            gallery.add(np.eye(4), model_key=KEY)
        assert len(gallery) == 4
    blocked.close()
