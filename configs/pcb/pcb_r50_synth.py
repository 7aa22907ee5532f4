_base_ = ['./pcb_r50_market.py', '../_base_/datasets/synthreid.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._synthreid)
