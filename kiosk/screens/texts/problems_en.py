"""What went wrong, in English, keyed by stable codes; ``family.*`` and ``*`` stand in for unknown ones."""

from typing import Final

from kiosk.screens.texts.catalogue import ProblemText

_LIFT_CARD = "Take the card out of its wallet, phone case or sleeve."
_ONE_CARD = "Put one card only on the reader and leave it there until you have a number."
_OR_CODE = "Or hold the card’s QR code in front of the scanner."
_OR_STAFF = "If it still does not work, press “Call staff”."
_TO_DESK = "Please go to the reception desk with your papers."

_CONTRADICTED = ProblemText(
    "Staff need to check the card",
    "What is in the chip does not agree. The machine has called the staff.",
    ("Keep the card with you and wait at the machine.", "Or go to the reception desk."),
    "staff-coming",
)
_NO_SUCH_VISIT = ProblemText(
    "This visit was not found",
    "The slip may be from another day, or from another machine.",
    ("Take the slip to the reception desk.", "Or put your ID card on the reader to take a new number."),
)

PROBLEMS: Final = {
    # The chip
    "card.removed": ProblemText(
        "The card was taken away too early",
        "The machine had not finished reading it.",
        ("Put the card on the reader once more.", "Leave it there until you have your number."),
        "card-on-reader",
    ),
    "card.access_denied": ProblemText(
        "The chip did not open",
        "The ID number in the QR code does not open the chip of the card on the reader.",
        ("See whether the card on the reader is the one just scanned.", _LIFT_CARD, _OR_STAFF),
        "card-on-reader",
    ),
    "card.status_word": ProblemText(
        "This card cannot be read",
        "The chip in the card refused to answer.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    "card.protocol": ProblemText(
        "The machine stopped reading the card",
        "The chip did not answer as it should, so its answers are not used.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    "card.unknown": ProblemText(
        "This is not an ID card",
        "The machine reads ID cards with a chip and passports with a chip.",
        ("Put an ID card with a chip on the reader.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "chip.contradicts_code": ProblemText(
        "Chip and QR code do not match",
        "These may be two different cards. The machine has called the staff.",
        ("Keep the card with you and wait at the machine.", "Or go to the reception desk."),
        "staff-coming",
    ),
    "chip.contradicts_zone": ProblemText(
        "Chip and printed page do not match",
        "These may be two different documents. The machine has called the staff.",
        ("Keep the document with you and wait at the machine.", "Or go to the reception desk."),
        "staff-coming",
    ),
    "chip.contradicted": _CONTRADICTED,
    "chip.*": _CONTRADICTED,
    # The number that opens the chip
    "number.wrong": ProblemText(
        "The 6 digits do not match the card",
        "The chip did not open with the digits entered.",
        ("Press “Try again” and enter the last 6 of the 12 digits on the front of the card.", _OR_CODE),
        "number",
    ),
    "document.expired": ProblemText(
        "The document has expired",
        "Here staff look at it before you get a number. The machine has called them.",
        ("Keep the document with you and wait at the machine.", "Or go to the reception desk to register."),
        "staff-coming",
    ),
    "document.wrong": ProblemText(
        "The chip did not open",
        "A number or a date may differ from the document.",
        ("Press “Try again” and enter them as printed.", "Or show the photo page to the scanner.", _OR_STAFF),
        "card-on-reader",
    ),
    "help.wrong": ProblemText(
        "The card is not open yet",
        "The number our staff entered does not match the card. You made no mistake.",
        ("Please wait: our staff will try again.", "Or press “Try again” to enter it yourself."),
        "desk",
    ),
    "document.*": ProblemText(
        "This document could not be read",
        "The print may be worn or covered.",
        ("Please try once more.", _OR_STAFF),
    ),
    "number.not_enough": ProblemText(
        "This card needs its QR code as well",
        "An older chip does not open with the 6 digits alone. You made no mistake.",
        (
            "Pick the card up and hold its QR code in front of the scanner.",
            "Then put it back on the reader.",
            _OR_STAFF,
        ),
        "code",
    ),
    "number.too_many_tries": ProblemText(
        "Too many wrong tries",
        "To protect the card, the machine does not try again.",
        ("Take the card off the reader.", "Hold the card’s QR code in front of the scanner.", _OR_STAFF),
        "code",
    ),
    "number.*": ProblemText(
        "The 6 digits do not match the card",
        "The chip did not open with the digits entered.",
        ("Put the card back and enter the last 6 of the 12 digits.", _OR_CODE, _OR_STAFF),
        "number",
    ),
    "card.*": ProblemText(
        "This card cannot be read",
        "It may lie in the wrong place, or its chip may be damaged.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    # The machine's own parts
    "device.unavailable": ProblemText(
        "The card reader is out of use",
        "A technician needs to look at this machine.",
        ("Hold the card’s QR code in front of the scanner.", "Or use the next machine.", _OR_STAFF),
        "code",
    ),
    "device.timeout": ProblemText(
        "The card does not answer",
        "It may lie askew, or two cards may lie on each other.",
        ("Take the card off the reader.", _LIFT_CARD, "Put one card in the middle of the reader."),
        "card-lift",
    ),
    "device.*": ProblemText(
        "A part of the machine is out of use",
        "A technician needs to look at this machine.",
        ("Please use the next machine.", _OR_STAFF),
    ),
    "data.malformed": ProblemText(
        "The card’s details cannot be read",
        "The chip opened, but what is in it does not have the right form.",
        ("Put the card on the reader once more.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "data.*": ProblemText(
        "The details cannot be read", "They do not have the right form.", ("Please try once more.", _OR_STAFF)
    ),
    # Codes
    "code.unreadable_here": ProblemText(
        "This code cannot be read here",
        "QR codes of the VNeID app and some other apps can only be read at the desk.",
        ("Use your ID card: put it on the reader.", "Or go to the reception desk and show the app to the staff."),
        "card-on-reader",
    ),
    "code.half": ProblemText(
        "Only part of the QR code was read",
        "The code may be covered, or the card moved too fast.",
        ("Hold the card still in front of the scanner.", "Keep your fingers off the code.", "Or put it on the reader."),
        "code",
    ),
    "code.damaged": ProblemText(
        "The QR code is damaged",
        "What the code says is not complete.",
        ("Wipe the card and hold it still in front of the scanner.", "Or put it on the reader.", _OR_STAFF),
        "code",
    ),
    "code.layout": ProblemText(
        "The QR code does not have the right form",
        "It is not like the code on an ID card.",
        ("Show the QR code printed on the ID card.", "Or put the card on the reader.", _OR_STAFF),
        "code",
    ),
    "code.number_only": ProblemText(
        "This code holds a number only",
        "From the number alone the machine does not know who you are.",
        ("Put your ID card on the reader.", "Or show the QR code printed on it.", _OR_STAFF),
        "card-on-reader",
    ),
    "code.several": ProblemText(
        "Several codes at once",
        "The machine needs to read one code at a time.",
        ("Hold one card only in front of the scanner.", "Or put the card on the reader."),
        "code",
    ),
    "code.foreign": ProblemText(
        "This code is not for check-in",
        "The machine reads the QR codes of ID cards, health insurance cards and the hospital’s slips.",
        ("Show the QR code printed on the ID card.", "Or put the card on the reader."),
        "code",
    ),
    "code.name_unreadable": ProblemText(
        "The name in the QR code cannot be read",
        "The code holds the number, but the letters of the name are damaged.",
        ("Put your ID card on the reader.", _OR_STAFF),
        "card-on-reader",
    ),
    "appointment.not_found": ProblemText(
        "This appointment was not found",
        "The hospital has no appointment with the code on the letter.",
        ("Put your ID card on the reader to take a number as usual.", "Or take the letter to the reception desk."),
    ),
    "visit.server_away": ProblemText(
        "This visit cannot be looked up now",
        "The server is out of reach.",
        ("The number on your slip is still good.", "Please go to the clinic named on it.", _OR_STAFF),
    ),
    "visit.over": ProblemText(
        "This visit is over",
        "The number on the slip is not waiting any more.",
        ("Put your ID card on the reader to take a new number.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "visit.not_found": _NO_SUCH_VISIT,
    "visit.*": _NO_SUCH_VISIT,
    "code.*": ProblemText(
        "This code cannot be used",
        "The machine reads the QR codes of ID cards, health insurance cards and the hospital’s slips.",
        ("Show the QR code printed on the ID card.", "Or put the card on the reader.", _OR_STAFF),
        "code",
    ),
    # People
    "identity.rejected": ProblemText(
        "This is not the patient",
        "The machine has removed what it read.",
        (
            "Take the card away and see whether it is the patient’s.",
            "Put the patient’s card on the reader. For a child use the child’s card.",
            "If the patient has no card, press “Call staff”.",
        ),
        "card-lift",
    ),
    "identity.*": ProblemText(
        "The machine does not know who you are",
        "There is not enough to check you in here.",
        (_TO_DESK, "Or press “Call staff”."),
    ),
    # Registering
    "registration.refused": ProblemText(
        "You could not be checked in here",
        "Staff need to look at your details.",
        (_TO_DESK, "Or press “Call staff”."),
    ),
    "registration.closed": ProblemText(
        "The clinic has just closed",
        "The clinic you chose takes no more patients now.",
        ("Press “Start over” and choose another clinic.", _OR_STAFF),
    ),
    "registration.*": ProblemText(
        "You could not be checked in here",
        "Staff need to look at your details.",
        (_TO_DESK, "Or press “Call staff”."),
    ),
    "registration.failed": ProblemText(
        "You could not be checked in here",
        "Something went wrong while your check-in was recorded. The machine has called the staff.",
        (_TO_DESK, "Or use the next machine."),
    ),
    "registration.unreachable": ProblemText(
        "You could not be checked in here",
        "The server is out of reach and the machine could not give a number.",
        (_TO_DESK, "Or use the next machine."),
    ),
    "services.unknown": ProblemText(
        "The list of clinics is missing",
        "The machine has not received the list of clinics from the server.",
        (_TO_DESK, "Or use the next machine."),
    ),
    "services.*": ProblemText(
        "The clinic could not be chosen", "The list of clinics has changed.", ("Press “Start over”.", _OR_STAFF)
    ),
    "server.*": ProblemText(
        "You could not be checked in here",
        "The server is out of reach.",
        (_TO_DESK, "Or use the next machine."),
    ),
    "journal.*": ProblemText(
        "This machine gives no numbers now",
        "It cannot keep a record of your check-in, so it gives no number.",
        ("Please use the next machine.", "Or go to the reception desk."),
    ),
    "kiosk.*": ProblemText(
        "This machine is out of service",
        "A technician needs to look at it.",
        ("Please use the next machine.", "Or go to the reception desk."),
    ),
    "*": ProblemText(
        "The machine could not do this",
        "You did nothing wrong.",
        ("Press “Start over” to try once more.", "Or press “Call staff”."),
    ),
}
