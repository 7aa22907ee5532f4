import socket
import threading
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import uvicorn
from patience import PATIENCE

from mmreid.report.browse import Access, Desk, Marks, make_application
from mmreid.search import create_gallery, open_gallery

KEY = 'colours'
HOSTILE = '</script><script>document.title="run"</script>'


def embed(picture):
    """The mean colour of nine fields: not much of a model, but a real one."""
    small = cv2.resize(picture, (3, 3), interpolation=cv2.INTER_AREA)
    return small.reshape(1, -1).astype(np.float32) + 1


def draw(path, person, number):
    """A picture of a person: their colours, a little changed."""
    colours = np.random.default_rng(person).integers(20, 236, (3, 3, 3))
    noise = np.random.default_rng(1000 * person + number).normal(0, 8, (3, 3, 3))
    picture = np.clip(colours + noise, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    large = cv2.resize(picture, (32, 64), interpolation=cv2.INTER_NEAREST)
    path.write_bytes(cv2.imencode('.png', large)[1].tobytes())
    return large


@pytest.fixture
def people(tmp_path):
    """A gallery of six persons, four pictures each, and a picture of two of them."""
    secret = tmp_path / 'secret.txt'
    secret.write_text('a secret')
    paths, vectors, persons = [], [], []
    for person in range(6):
        for number in range(4):
            paths.append(str(tmp_path / 'pictures' / f'{person}_{number}.png'))
            picture = draw(
                tmp_path / 'pictures' / f'{person}_{number}.png', person, number
            )
            vectors.append(embed(picture)[0])
            persons.append(HOSTILE if person == 5 else f'p{person}')
    paths[-1] = str(secret)
    paths[-2] = None
    with create_gallery(tmp_path / 'people.db', 27, model_key=KEY, model_name='c') as g:
        g.add(
            np.array(vectors),
            model_key=KEY,
            persons=persons,
            cameras=[f'c{i % 2}' for i in range(24)],
            times=[float(i) for i in range(24)],
            paths=paths,
            fields=[dict(hat=i % 3 == 0) for i in range(24)],
        )
    for person in (1, 2):
        draw(tmp_path / f'query{person}.png', person, 9)
    return tmp_path


@pytest.fixture
def serve(people):
    """Serve the gallery, as often as wanted; each on a port of its own."""
    running = []

    def start(host='127.0.0.1'):
        marks = Marks(people / 'people.marks.csv')
        desk = Desk(
            lambda: open_gallery(people / 'people.db', read_only=True),
            lambda gallery: embed,
            marks,
        )
        listening = socket.create_server(('127.0.0.1', 0))
        port = listening.getsockname()[1]
        access = Access.of(host, port)
        config = uvicorn.Config(
            make_application(desk, access, 'people.db'),
            log_level='warning',
            server_header=False,
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs=dict(sockets=[listening]), daemon=True
        )
        thread.start()
        running.append((server, thread, desk))
        return SimpleNamespace(
            url=f'http://127.0.0.1:{port}', port=port, desk=desk, token=access.token
        )

    yield start
    for server, thread, desk in running:
        server.should_exit = True
        thread.join(PATIENCE)
        desk.close()


@pytest.fixture
def served(serve):
    return serve()
