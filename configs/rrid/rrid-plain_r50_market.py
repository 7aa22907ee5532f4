# What the paper starts from: six stripes and the whole, reduced and not related.
_base_ = './rrid_r50_market.py'
model = dict(
    head=dict(
        channels=256,
        branches=dict(
            _delete_=True,
            part=dict(pool=dict(type='StripePool', num_parts=6, mode='avg')),
            whole=dict(pool=dict(type='GlobalPool', mode='avg')),
        ),
    )
)
