import pytest

from mmreid.files import digest_of

# NIST, "Descriptions of SHA-256, SHA-384, and SHA-512", with the lengths of a file
# that is read at once and of one that is not.
KNOWN = {
    b'abc': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    b'a' * 1_000_000: (
        'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'
    ),
}


@pytest.mark.parametrize('content', KNOWN)
def test_a_file_has_the_published_digest(tmp_path, content):
    path = tmp_path / 'some.bin'
    path.write_bytes(content)
    assert digest_of(path) == KNOWN[content]
    assert digest_of(str(path)) == KNOWN[content]
