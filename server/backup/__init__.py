"""Copies of the database for the day a disk dies, and the way back from one."""
