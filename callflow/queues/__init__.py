"""Policy over app_queue: who waits where, how long, with what priority, and when the service is open."""
