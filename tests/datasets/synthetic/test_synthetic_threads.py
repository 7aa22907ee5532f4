import os
import subprocess
import sys

import pytest

# A process of its own: what other tests have imported has threads of its own.
_PROGRAM = """
import os, signal
import cv2, numpy as np
from mmreid.datasets.synthetic.threads import one_opencv_thread

cv2.setNumThreads(4)
cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (0, 0), 9)
with one_opencv_thread():
    assert cv2.getNumThreads() == 1
    process = os.fork()
    if not process:
        signal.alarm(300)  # without the pool's end it waits for ever
        cv2.setNumThreads(1)
        os._exit(7)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
assert cv2.getNumThreads() == 4
print('status', status)
"""


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')
def test_a_process_that_is_forked_inside_sets_its_threads_and_ends():
    done = subprocess.run(
        [sys.executable, '-c', _PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stdout == 'status 7\n', done.stderr
