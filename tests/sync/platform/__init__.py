"""The platform, over real HTTP and on real databases."""
