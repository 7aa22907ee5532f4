"""Vectors of pictures, by a file of `mmreid export --to onnx`.

python onnx_vectors.py MODEL.onnx VECTORS.npy PICTURE ...
"""

import json
import os
import sys

import cv2
import numpy as np

os.environ['ORT_DISABLE_TELEMETRY'] = '1'  # heard by the next line, and by no later one
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])
facts = json.loads(session.get_modelmeta().custom_metadata_map['mmreid'])
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
np.save(sys.argv[2], session.run(['vectors'], {'pictures': pictures})[0])
