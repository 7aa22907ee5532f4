import http.client
import io
import json

import cv2
import numpy as np
import pytest
from patience import PATIENCE
from PIL import Image

from mmreid.report.browse import access, uploads
from mmreid.report.browse.access import is_loopback
from mmreid.report.browse.uploads import read_upload
from mmreid.visualization import read_picture


def ask(served, path, method='GET', body=None, **headers):
    """Send bytes as they are, and return status, body and headers."""
    connection = http.client.HTTPConnection('127.0.0.1', served.port, timeout=PATIENCE)
    given = {name.replace('_', '-'): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host='Host' in given)
    if body is not None:
        given.setdefault('Content-Length', str(len(body)))
    for name, value in given.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer.headers


@pytest.mark.parametrize(
    'path',
    [
        '/pictures/../secret.txt',
        '/pictures/%2e%2e%2fsecret.txt',
        '/pictures//etc/passwd',
        '/pictures/0/../../secret.txt',
        '/assets/../../../../setup.py',
        '/assets/%2e%2e/bundles.py',
        '/assets/browse.html',
        '/uploads/../secret.txt',
        '/uploads/..%2fsecret.txt',
        '/people.db',
        '/pictures/-1',
        '/pictures/999999999999999999999999999',
    ],
)
def test_no_file_but_pictures_of_the_gallery_is_read(served, people, path):
    status, content, _ = ask(served, path)
    assert status in (404, 405, 422), (status, content)
    assert b'a secret' not in content


def test_a_file_that_the_gallery_names_leaves_only_as_a_picture(served):
    last, before = (ask(served, f'/pictures/{number}') for number in (24, 23))
    assert {(last[0], last[1]), (before[0], before[1])} == {(204, b'')}
    status, content, headers = ask(served, '/pictures/1')
    assert status == 200
    assert headers['Content-Type'] == 'image/jpeg'
    assert cv2.imdecode(np.frombuffer(content, np.uint8), 1).shape == (64, 32, 3)


def test_another_name_of_the_host_is_refused(served):
    assert ask(served, '/', Host='evil.example:80')[0] == 421
    assert ask(served, '/', Host=f'127.0.0.1:{served.port}')[0] == 200
    assert ask(served, '/', Host=f'localhost:{served.port}')[0] == 200
    # As of "ssh -L 9000:localhost:8765".
    assert ask(served, '/', Host='localhost:9000')[0] == 200
    for name in (
        '',
        '127.0.0.1.evil.example',
        'localhost.',
        'a@localhost',
        '[::1',
        'é',
    ):
        assert ask(served, '/', Host=name)[0] in (400, 421), name


def test_other_pages_change_nothing(served, people):
    body = json.dumps(dict(entry=1, answer=2, same=True)).encode()
    own = dict(X_mmreid='1')
    assert ask(served, '/marks', 'POST', body)[0] == 403
    foreign = dict(own, Origin='http://evil.example')
    assert ask(served, '/marks', 'POST', body, **foreign)[0] == 403
    assert ask(served, '/marks', 'POST', body, Origin='null', **own)[0] == 403
    assert not (people / 'people.marks.csv').exists()
    assert ask(served, '/marks', 'POST', body, **own)[0] == 200
    assert (people / 'people.marks.csv').exists()


def test_another_address_needs_the_token(serve):
    served = serve('0.0.0.0')
    for path in ('/', '/gallery', '/pictures/1', '/assets/base.js'):
        assert ask(served, path)[0] == 403
        assert ask(served, f'{path}?token={served.token[:-1]}x')[0] == 403
    status, _, headers = ask(served, f'/?token={served.token}')
    assert status == 200
    cookie = headers['Set-Cookie']
    assert 'HttpOnly' in cookie
    assert 'samesite=strict' in cookie.lower()
    own = cookie.split(';')[0]
    assert ask(served, '/gallery', Cookie=own)[0] == 200
    assert ask(served, '/?token=x', Cookie=own)[0] == 403
    # The link opens the page alone.
    assert ask(served, f'/gallery?token={served.token}')[0] == 403
    name = own.split('=')[0]
    assert str(served.port) in name
    wrong = f'{name}=é'.encode().decode('latin1')
    assert ask(served, '/gallery', Cookie=wrong)[0] == 403


def test_pictures_are_not_shown_by_other_pages(served):
    for site, status in (
        ('cross-site', 403),
        ('same-site', 403),
        ('same-origin', 200),
        ('none', 200),
    ):
        assert ask(served, '/pictures/1', Sec_Fetch_Site=site)[0] == status
        # A link to the page is followed from anywhere.
        assert ask(served, '/', Sec_Fetch_Site=site)[0] == 200


def test_headers_keep_others_out(served):
    headers = ask(served, '/')[2]
    assert headers['Server'] is None
    assert headers['X-Content-Type-Options'] == 'nosniff'
    assert 'frame-ancestors' in headers['Content-Security-Policy']


def test_too_much_is_not_read(served, monkeypatch):
    body = bytes(uploads.LARGEST + 1)
    assert ask(served, '/search', 'POST', body, X_mmreid='1')[0] == 422
    assert ask(served, '/marks', 'POST', bytes(5000), X_mmreid='1')[0] == 422


def test_few_bytes_of_many_pixels_are_refused():
    large = cv2.imencode('.png', np.zeros((20_000, 20_000), np.uint8))[1].tobytes()
    assert len(large) < uploads.LARGEST
    with pytest.raises(ValueError, match='at most 64 million pixels'):
        read_upload(large)


@pytest.mark.parametrize(
    'mark',
    [
        b'',
        b'[]',
        b'{}',
        b'{"entry": 1}',
        b'{"entry": 1, "answer": 1, "same": true}',
        b'{"entry": "1", "answer": 2, "same": true}',
        b'{"entry": true, "answer": 2, "same": true}',
        b'{"upload": "../x", "answer": 2, "same": true}',
        b'{"entry": 1, "answer": 24000, "same": true}',
        b'{"entry": 1, "answer": 23, "same": true}',
        b'\xff\xfe',
    ],
)
def test_marks_of_nothing_are_refused(served, people, mark):
    status, content, _ = ask(served, '/marks', 'POST', mark, X_mmreid='1')
    assert status in (404, 422)
    assert json.loads(content)['error']
    assert not (people / 'people.marks.csv').exists()


@pytest.mark.parametrize(
    'path',
    [
        *('?k=0', '?k=x', '?k=201', '?entry=x', '?entry=-1', '?entry=%C2%B2'),
        *('?from=x', '?from=nan', '?from=5&to=1', '?field=%22=1', '?camera=%00'),
    ],
)
def test_wrong_conditions_are_told(served, people, path):
    body = (people / 'query1.png').read_bytes()
    status, content, _ = ask(served, f'/search{path}', 'POST', body, X_mmreid='1')
    assert status == 422, content
    assert json.loads(content)['error']


def test_numbers_beyond_all_are_no_entries(served):
    for number in (0, 25, 2**63, 10**40):
        path = f'/search?entry={number}'
        status, content, _ = ask(served, path, 'POST', b'', X_mmreid='1')
        assert status == 404, content
        assert f'no entry {number}' in json.loads(content)['error']


def picture(kind, **options):
    image = Image.fromarray(
        np.random.default_rng(0).integers(0, 255, (40, 20, 3), np.uint8)
    )
    file = io.BytesIO()
    image.convert(options.pop('mode', 'RGB')).save(file, kind, **options)
    return file.getvalue()


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture('JPEG', exif=exif)


def deep():
    values = np.random.default_rng(0).integers(0, 4096, (40, 20, 3), np.uint16)
    return cv2.imencode('.png', values)[1].tobytes()


KINDS = {
    'cmyk.jpg': lambda: picture('JPEG', mode='CMYK'),
    'grey.png': lambda: picture('PNG', mode='L'),
    'clear.png': lambda: picture('PNG', mode='RGBA'),
    'palette.png': lambda: picture('PNG', mode='P'),
    'sixteen.png': deep,
    'one.webp': lambda: picture('WEBP'),
    'one.bmp': lambda: picture('BMP'),
    'one.tif': lambda: picture('TIFF'),
    'one.ppm': lambda: picture('PPM'),
    'moving.gif': lambda: picture(
        'GIF', mode='P', save_all=True, append_images=[Image.new('P', (20, 40))]
    ),
    'turned.jpg': turned,
}


@pytest.mark.parametrize('name', KINDS)
def test_pictures_of_all_kinds_are_read_as_their_files_are(served, tmp_path, name):
    content = KINDS[name]()
    file = tmp_path / f'any{uploads.ending_of(content)}'
    file.write_bytes(content)
    assert file.suffix == name[name.index('.') :]
    seen = read_upload(content)
    assert (seen == read_picture(file)).all()
    assert seen.shape[:2] == ((20, 40) if name == 'turned.jpg' else (40, 20))
    status, told, _ = ask(served, '/search', 'POST', content, X_mmreid='1')
    assert status == 200, told
    upload = json.loads(told)['query']['upload']
    assert ask(served, f'/uploads/{upload}')[0] == 200


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'GIF8',
        b'\xff\xd8\xff' * 9,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n',
        bytes(4) + b'ftypheic' + bytes(99),
    ],
)
def test_what_is_no_picture_is_refused(served, content):
    status, told, _ = ask(served, '/search', 'POST', content, X_mmreid='1')
    assert status == 422
    assert 'read' in json.loads(told)['error']


def test_a_picture_cut_short_is_refused(served, people):
    content = (people / 'query1.png').read_bytes()[:-20]
    status, told, _ = ask(served, '/search', 'POST', content, X_mmreid='1')
    assert status == 422
    assert 'cut short' in json.loads(told)['error']


def test_no_more_pictures_are_kept_than_memory_has(monkeypatch):
    monkeypatch.setattr(uploads, '_KEPT', 100)
    kept = uploads.Uploads()
    names = [kept.keep(uploads.Upload(bytes([n]) * 40, np.eye(1))) for n in range(4)]
    assert [kept.find(name) is None for name in names] == [True, True, False, False]


def test_a_gallery_that_is_gone_is_told_in_a_sentence(served, people):
    served.desk._gallery._store._connection.close()
    status, told, _ = ask(served, '/search?entry=1', 'POST', b'', X_mmreid='1')
    assert status in (422, 500)
    assert json.loads(told)['error']


def test_addresses_of_this_machine():
    assert all(map(is_loopback, ('127.0.0.1', '127.9.9.9', '::1', 'localhost')))
    assert not any(map(is_loopback, ('0.0.0.0', '::', '192.168.1.2', 'host', '')))
    assert access.Access.of('192.168.1.2', 80).token
