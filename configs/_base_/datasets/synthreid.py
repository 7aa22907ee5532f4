# Where SynthReID of Market-1501's size lies and how to make it.
_synthreid = dict(
    data_root='data/synthreid',
    source='run python -m mmreid synthreid data/synthreid --size market',
)
