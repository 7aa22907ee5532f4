# SOLIDER's network on a Swin of a third of the width, from random weights.
_base_ = './_solider_swin-t.py'
model = dict(
    backbone=dict(
        init_cfg=None,
        arch=dict(
            _delete_=True,
            embed_dims=32,
            depths=(1, 1, 2, 1),
            num_heads=(1, 2, 4, 8),
        ),
    ),
)
