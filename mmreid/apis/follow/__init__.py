"""Following persons: boxes of cameras with their videos become identities.

The way in is ``follow`` (``following.py``): ``cameras.py`` opens what was named,
``box_vectors.py`` embeds boxes (kept by ``vector_files.py``, so that an interrupted run
goes on), ``tracklets.py`` pools and cuts them, ``mmreid.search.join_tracklets`` joins
them. ``results.py`` is what comes out, which ``outputs.py`` and ``sheet.py`` write as
tables and pictures, ``truth/`` compares with true persons, and ``known_persons.py``
looks up in a gallery. ``task.py`` is all that the command does, ``run_texts.py`` what
it says of it.
"""

from mmreid.apis.follow.cameras import Camera, find_cameras
from mmreid.apis.follow.following import follow, rejoin
from mmreid.apis.follow.options import FollowOptions
from mmreid.apis.follow.outputs import write_following
from mmreid.apis.follow.results import Following
from mmreid.apis.follow.truth.scores import (
    FollowingScores,
    evaluate_following,
    score_following,
)
from mmreid.apis.follow.truth.tables import read_truth
from mmreid.apis.follow.truth.texts import format_following
from mmreid.apis.follow.truth.thresholds import fit_threshold

__all__ = [
    'Camera',
    'FollowOptions',
    'Following',
    'FollowingScores',
    'evaluate_following',
    'find_cameras',
    'fit_threshold',
    'follow',
    'format_following',
    'read_truth',
    'rejoin',
    'score_following',
    'write_following',
]
