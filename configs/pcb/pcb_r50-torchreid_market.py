# The network of torchreid's PCB, for its weights: pictures of 256 x 128, whose sixteen
# rows make six stripes that share some, each of length one when compared.
_base_ = './pcb_r50_market.py'
from mmreid.engine import set_interpolation, set_picture_size

set_picture_size(_base_, height=256, width=128)
set_interpolation(_base_, interpolation='bilinear', backend='pillow')
_stripes = dict(type='StripePool', num_parts=6, uneven=True)
model = dict(
    head=dict(
        normalize='part',
        order='channel',
        branches=dict(part=dict(pool=_stripes)),
    )
)
val_evaluator = test_evaluator = dict(distance='euclidean')
