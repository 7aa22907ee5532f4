# OFA beside all sixteen blocks, a plugin a stage, from which ablations take some away.
_base_ = './aanet_r50_market.py'
model = dict(
    backbone=dict(
        plugins=[
            dict(cfg=_base_._ofa, stages=(stage,), blocks='all', position='parallel')
            for stage in range(4)
        ]
    )
)
