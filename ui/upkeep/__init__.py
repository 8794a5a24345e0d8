"""The store as a whole: work on it that takes its time, and its backups."""
