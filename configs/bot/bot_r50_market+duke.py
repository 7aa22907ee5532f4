# Trained on two data sets; tested on them and on MSMT17, which it has not seen.
_base_ = ['./bot_r50_market-to-duke-msmt17.py', '../_base_/datasets/duke.py']
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ReIDUnion',
        datasets=[dict(type='Market1501', data_root='data/market1501'), _base_._duke],
        pipeline=_base_.train_pipeline,
    )
)
