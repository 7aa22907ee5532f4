# In the cloth-changing setting, which ignores the query's person in its clothes; the
# standard one: --cfg-options test_evaluator.protocol=market
_base_ = ['./bot_r50_market.py', '../_base_/datasets/ltcc.py']
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=192)
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._ltcc)
val_evaluator = dict(protocol='cloth-changing')
test_evaluator = val_evaluator
