"""The seam to the city's own 12345 system: its orders in, our results out, each once. See docs/gateway.md."""
