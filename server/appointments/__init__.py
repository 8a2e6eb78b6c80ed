"""Booked times and re-examination letters: made at the desk or by another system, used once by an arrival."""
