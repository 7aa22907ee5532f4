_base_ = './ianet_r50_cuhk03-classic-labeled.py'
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(boxes='detected')
)
