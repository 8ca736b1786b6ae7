"""The official calendar and the tables of working hours: kept, seeded, edited, imported."""
