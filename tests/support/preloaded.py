"""The whole program, for processes that are forked off one that has read it. It is read without collecting garbage
meanwhile, which is a quarter of the work."""

import gc
from importlib import import_module

gc.disable()
for _name in ("app.jobs.worker", "tests.support.live_server", "tests.support.obeying"):
    import_module(_name)
gc.freeze()
gc.enable()
