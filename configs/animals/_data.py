# Squares of animals, of mean and deviation 127.5, resized by Pillow as in torchvision.
# No data set of animals is here: they come as lists, see docs/how_to/datasets.md.
_base_ = '../_base_/datasets/market.py'
from mmreid.engine import set_interpolation, set_picture_size

set_picture_size(_base_, height=384, width=384)
set_interpolation(_base_, interpolation='bilinear', backend='pillow')
data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
train_dataloader = dict(batch_size=16, sampler=dict(num_ids=4, num_instances=4))
