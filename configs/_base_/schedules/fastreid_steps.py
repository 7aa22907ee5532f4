# fast-reid's BoT and AGW, for a config with the strong baseline's schedule: 2,000
# iterations of linear warm-up, then two steps.
_fastreid_steps = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=2000),
    dict(type='MultiStepLR', milestones=[40, 90], gamma=0.1, by_epoch=True, end=10**9),
]
