# Small enough for a CPU, from random weights, which tell persons apart by colour alone.
# Vectors are standardised within cameras: otherwise clusters are of one camera each.
_base_ = '../bot/bot_r18_synthmini.py'
from mmreid.engine import cluster_training

cluster_training(
    _base_,
    num_ids=10,
    num_instances=3,
    num_batches=40,
    epochs=12,
    step=8,
    k1=20,
    k2=6,
    normalize_cameras=True,
    num_workers=1,
)
model = dict(head=dict(branches=dict(whole=dict(pool=dict(mode='gem')))))
