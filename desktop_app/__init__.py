"""即办台 (Jiban Desk): the program and its rules. Importing this package imports nothing else."""
