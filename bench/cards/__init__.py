"""Photographs of invented cards, made up from a seed, with the truth about each: for rates, tests and tuning."""
