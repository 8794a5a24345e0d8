"""What ``jiban doctor`` looks at. Nothing here imports Qt into the doctor's own process.

``qt`` (libraries, display, fonts, through a child process), ``folder`` (disk and rights), ``seat`` (the
store, its key, what waits), ``line`` (the platform), ``years`` (the working calendar).
"""
