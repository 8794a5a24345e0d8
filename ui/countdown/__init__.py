"""The countdown page (提醒): every running clock, worst first."""
