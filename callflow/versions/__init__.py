"""The flows as telephony admins keep them: a draft, immutable versions, and which version serves callers since when."""
