"""Files of other programs, read without running or importing anything of theirs.

``foreign_weights`` is the way in to the tensors of any file, whatever else is in it;
``known_programs`` lists whose they may be, ``recognition`` tells whose they are and the
command that converts them. Beneath them, and beneath our own ``safe_loading``:
``pickle_files`` opens what ``torch.save`` writes and compares its checksums,
``inert_pickle`` follows the pickle in it on a ``pickle_stack`` and leaves
``descriptions``, of which ``stored_tensors`` and ``plain_values`` make tensors and
values. Everything is bounded by the size of the file.
"""
