"""Slips on a kiosk's paper: copies that the desk orders, and papers that may not have come out."""
