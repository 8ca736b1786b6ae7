"""What callers hear, as its page shows and changes it: words, recordings, versions, loudness, and who says it."""
