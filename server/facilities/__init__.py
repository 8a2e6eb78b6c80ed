"""Hospitals, their clinics and rooms, and what a patient can choose there."""
