"""No network at all: records leave on a USB stick and are taken in at the center."""
