"""The 签批单: one painter for screen, print and PDF."""
