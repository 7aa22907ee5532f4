"""What names and paths tell by a pattern."""

import re

import pytest

from mmreid.datasets.reading.file_names import match_end

NAME = re.compile(r'(?P<person>\d+)_c(?P<camera>\d+).*')
FOLDERS = re.compile(r'(?P<person>[^/]+)/cam(?P<camera>\d+)/[^/]*')


@pytest.mark.parametrize(
    ('pattern', 'path', 'person'),
    [
        (NAME, '/data/x/0005_c6s2_1.jpg', '0005'),
        (NAME, '0005_c6.jpg.jpg', '0005'),
        # Not person 1: a bad detection is nobody.
        (NAME, '/data/-1_c6s2_1.jpg', None),
        (NAME, '/data/a0005_c6.jpg', None),
        (FOLDERS, '/data/alice/cam2/1.png', 'alice'),
        (FOLDERS, 'alice/cam2/1.png', 'alice'),
        (FOLDERS, '/data/alice/other/cam2x/1.png', None),
    ],
)
def test_a_pattern_is_of_a_whole_name_or_of_one_with_folders(pattern, path, person):
    match = match_end(pattern, path)
    assert (match and match['person']) == person
