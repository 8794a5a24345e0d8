"""The tray icon: an extra where the desktop has a tray, nothing the work depends on."""
