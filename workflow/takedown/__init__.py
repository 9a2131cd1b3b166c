"""The science and the I/O of the takedown workflow: typed, tested, importable.

One module per stage, named as the stage is named everywhere else: ``fetch``, ``clean``,
``describe``, ``series``, ``models``, ``figures``, ``report``. Functions take and return frames or
dataclasses; files are touched only in the functions that the scripts in ``workflow/scripts`` call.
"""
