"""Numbers on paper. Who is called next follows priority and arrival, never the number."""


def online_label(queue_letter: str, number: int) -> str:
    """Return what the slip shows for a number the server gave: ``A012``; it grows past 999."""
    return f"{queue_letter}{number:03d}"


def offline_label(queue_letter: str, kiosk_letter: str, number: int) -> str:
    """Return what the slip shows for a number of a kiosk's own series: ``A-K012``.

    The hyphen and the kiosk's letter keep it apart from every number of the server and of every other kiosk.
    """
    return f"{queue_letter}-{kiosk_letter}{number:03d}"
