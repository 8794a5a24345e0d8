"""The reference central platform: the same rules as every seat, one store, one feed, HTTP in front."""
