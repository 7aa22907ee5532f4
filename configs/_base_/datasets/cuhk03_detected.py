# Where CUHK03 lies; boxes from a detector, new protocol.
_cuhk03 = dict(type='CUHK03', data_root='data/cuhk03', boxes='detected')
