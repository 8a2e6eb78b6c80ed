"""A simulated identity chip: an ICAO 9303 LDS application that answers command APDUs byte for byte.

``profile`` says what the chip can do and how it misbehaves, ``personalise`` fills it with a person's files and keys,
``card`` is the chip itself. Protocols are done for real on the chip's side, so a reader is tested against the standard
and not against itself: wrong MACs, counters, points and tokens are refused as a card refuses them.
"""
