"""Notices: in the pages' bell, and by SMS or webhook through an outbox."""
