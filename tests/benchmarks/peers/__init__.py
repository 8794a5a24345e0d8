"""The best peers, measured in the same run where they are installed (``make bench-peers``)."""
