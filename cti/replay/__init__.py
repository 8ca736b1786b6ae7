"""A period's calls through another version of their flow: what would have become of them."""
