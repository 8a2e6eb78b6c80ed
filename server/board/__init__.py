"""The display in the waiting room: numbers and rooms, never names."""
