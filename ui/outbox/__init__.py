"""待传: every record that the platform has not confirmed, and why."""
