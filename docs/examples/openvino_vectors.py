"""Vectors of pictures, by files of `mmreid export --to openvino`.

python openvino_vectors.py MODEL.xml VECTORS.npy PICTURE ...
"""

import json
import sys

import cv2
import numpy as np
import openvino

core = openvino.Core()
network = core.read_model(sys.argv[1])
facts = json.loads(network.get_rt_info(['mmreid']).value)
# Left alone, OpenVINO computes in bfloat16 wherever the processor can.
precision = 'bf16' if facts['precision'] == 'bfloat16' else 'f32'
model = core.compile_model(network, 'CPU', {'INFERENCE_PRECISION_HINT': precision})
size, kind = (facts['width'], facts['height']), facts['interpolation']
CV2 = dict(bilinear=cv2.INTER_LINEAR, bicubic=cv2.INTER_CUBIC, area=cv2.INTER_AREA)


def prepare(path):
    picture = cv2.imread(path, cv2.IMREAD_COLOR)  # blue-green-red, turned as EXIF says
    if facts['resize_backend'] == 'cv2':
        return cv2.resize(picture, size, interpolation=CV2[kind])
    from PIL import Image  # another bilinear than OpenCV's: it averages

    return np.array(Image.fromarray(picture).resize(size, getattr(Image, kind.upper())))


step = -1 if facts['channels'] == 'rgb' else 1
pictures = np.stack([prepare(path)[:, :, ::step] for path in sys.argv[3:]])
np.save(sys.argv[2], model({'pictures': np.ascontiguousarray(pictures)})['vectors'])
