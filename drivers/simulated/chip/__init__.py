"""A simulated identity chip: an ICAO 9303 LDS application that answers command APDUs byte for byte.

``profile`` says what the chip can do and how it misbehaves, ``personalise`` fills it with a person's files and keys,
``card`` is the chip itself. It stands alone: no reader, no daemon, no clock.

>>> from drivers.simulated.chip.card import Chip
>>> from drivers.simulated.chip.profile import ChipProfile, Fault, FaultKind
>>> from drivers.simulated.people import get_person
>>> chip = Chip(get_person("duc"), ChipProfile(bac=False, faults=(Fault(3, FaultKind.PULLED),)))
>>> chip.transmit(bytes.fromhex("00A4020C02011C")).hex()
'9000'
>>> chip.transmit(bytes.fromhex("00B0000000")).hex()
'31143012060a04007f0007020204020202010202010d9000'
>>> chip.transmit(bytes.fromhex("0022C1A40F800A04007F00070202040202830102"))
Traceback (most recent call last):
drivers.simulated.chip.faults.CardPulled

``drivers.simulated.reader`` puts it into a reader of this process, ``drivers.simulated.vpcd`` into a virtual reader of
the real PC/SC daemon, and ``drivers.simulated.pcscd`` runs a daemon of one's own for tests.
"""
