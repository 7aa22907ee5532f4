_base_ = './megadescriptor-l-384.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=224, width=224)
_name = 'swin_tiny_patch4_window7_224'
model = dict(backbone=dict(model_name=_name, img_size=(224, 224)))
