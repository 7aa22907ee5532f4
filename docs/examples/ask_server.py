"""Vectors by Triton or OpenVINO Model Server: both speak the protocol of KServe.

python ask_server.py http://localhost:8000/v2/models/NAME PICTURES.npy VECTORS.npy
"""

import json
import sys
from urllib.request import Request, urlopen

import numpy as np

pictures = np.load(sys.argv[2])  # uint8 (N, height, width, 3), prepared
given = dict(name='pictures', datatype='UINT8', shape=pictures.shape)
text = json.dumps(dict(inputs=[dict(given, data=pictures.ravel().tolist())]))
kind = {'Content-Type': 'application/json'}
with urlopen(Request(f'{sys.argv[1]}/infer', text.encode(), kind)) as reply:
    (answer,) = json.load(reply)['outputs']
np.save(sys.argv[3], np.array(answer['data'], np.float32).reshape(answer['shape']))
