"""What callers are told these days, and the switch that spares them the menus: both with an end."""
