_base_ = ['./pcb_r50_market.py', '../_base_/datasets/_duke.py']
model = dict(head=dict(num_classes=702))
train_dataloader = dict(dataset=_base_._duke)
val_dataloader = dict(dataset=_base_._duke)
test_dataloader = val_dataloader
