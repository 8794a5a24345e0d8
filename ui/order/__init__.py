"""One order in full: head, masked facts, clocks, history, and the step that comes next with its form."""
