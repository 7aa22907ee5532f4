# What `make demo` trains: small pictures in eight epochs, a fifth of the time of
# aanet_r18_synthmini.py.
_base_ = './aanet_r18_synthmini.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=96, width=48)
_base_.param_scheduler[1].update(end=8, T_max=6)
train_cfg = dict(max_epochs=8, val_interval=8)
