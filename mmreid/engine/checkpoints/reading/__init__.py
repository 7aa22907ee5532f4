"""From the bytes of a checkpoint to tensors and plain values; nothing is called.

``pickle_files`` opens what ``torch.save`` writes and checks that it is whole,
``inert_pickle`` describes the pickle in it (``descriptions``), ``stored_tensors``
makes tensors of what is described as such, ``plain_values`` makes all the rest of a
checkpoint of our own, ``sound_numbers`` looks for NaN in it.
Everything is bounded by the size of the file.
"""
