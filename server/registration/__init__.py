"""Arrivals: one command registers a person, an encounter and a number, exactly once."""
