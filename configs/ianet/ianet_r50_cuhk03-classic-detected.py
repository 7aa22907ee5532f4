_base_ = './ianet_r50_cuhk03-classic-labeled.py'
train_dataloader = dict(dataset=dict(boxes='detected'))
val_dataloader = dict(dataset=dict(boxes='detected'))
test_dataloader = val_dataloader
