default_scope = 'mmreid'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='AtomicCheckpointHook',
        interval=10,
        max_keep_ckpts=2,
        save_best='reid/mAP',
        rule='greater',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # Here, because a list of custom_hooks would replace another list.
    training_check=dict(type='TrainingCheckHook'),
    seed=dict(type='SeedHook'),
    finite_check=dict(type='FiniteCheckHook'),
    plain_checkpoint=dict(type='PlainCheckpointHook'),
    channels_last=dict(type='ChannelsLastHook'),
    # Batch norm's statistics differ between processes until validation needs them.
    sync_buffers=dict(type='SyncBuffersHook'),
    progress_bar=dict(type='ProgressBarHook'),
    # Results say what their model was trained on.
    trained_on=dict(type='TrainedOnHook'),
    # The switch compile=True compiles the network alone.
    compile=dict(type='CompileHook'),
    resume=dict(type='ResumeHook'),
    # Warns of schedules for another length than the training's.
    schedule_check=dict(type='ScheduleCheckHook'),
)
custom_hooks = []

env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
visualizer = dict(
    type='TrackingVisualizer', vis_backends=[dict(type='LocalVisBackend')], trackers=[]
)
log_processor = dict(type='ScalarLogProcessor', by_epoch=True)
log_level = 'INFO'
randomness = dict(seed=0)
load_from = None
resume = False
