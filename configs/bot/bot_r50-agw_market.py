# The network of fast-reid's AGW, for its converted weights: SBS's, on smaller pictures.
_base_ = './bot_r50-sbs_market.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=256, width=128)
