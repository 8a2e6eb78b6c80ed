"""English."""

from typing import Final

from kiosk.screens.texts.catalogue import Catalogue, VerdictText
from kiosk.screens.texts.problems_en import PROBLEMS

PHRASES: Final = {
    # On every page
    "page.title": "Check-in",
    "page.step": "Step {number} of 4",
    "action.call_staff": "Call staff",
    "action.start_over": "Start over",
    "action.try_again": "Try again",
    "action.finish": "Done",
    "action.language": "Tiếng Việt",
    "action.next_page": "Show more",
    "action.previous_page": "Go back",
    "banner.offline": "Server out of reach: you can still check in.",
    "banner.printer": "Printer out of use: your number is shown here.",
    "banner.reader": "Card reader out of use: please show the QR code.",
    "banner.scanner": "Scanner out of use: please use the card reader.",
    "banner.starting": "The machine is starting again. Please wait.",
    "money": "{amount} đ",
    # Waiting for somebody
    "welcome.title": "Put your ID card\nhere",
    "welcome.keep": "Leave the card there until you have your number.",
    "welcome.or": "Or hold a QR code in front of the scanner",
    "welcome.code_only": "Hold your card’s QR code\nin front of the scanner",
    "welcome.picture.code": "Drawing: hold the card’s QR code still in front of the scanner.",
    "welcome.code.front": "CCCD card:\nQR code on the front",
    "welcome.code.back": "New căn cước card:\nQR code on the back",
    "welcome.also": "The QR codes on a health insurance card and on a slip work too.",
    "welcome.no_card": "No card with you? Please press “Call staff”.",
    "welcome.picture": "Drawing: lay the card flat on the reader below the screen.",
    "welcome.picture.front": "Drawing of the front of the CCCD card: the QR code is at the top right.",
    "welcome.picture.back": "Drawing of the back of the new căn cước card: the QR code is on the right.",
    "closed.title": "This machine is out of service",
    "closed.text": "Please go to the reception desk or use the next machine.",
    # The number that opens the chip
    "number.title": "Enter the last 6 digits of your ID number",
    "number.where": "The last 6 of the 12 digits on the front of the card.",
    "number.or": "Or hold the card’s QR code in front of the scanner.",
    "number.typed": "{number} of 6 digits entered",
    "number.delete": "Delete",
    "number.enter": "Done",
    "number.wrong.one": "These 6 digits do not match the card. 1 try left.",
    "number.wrong.many": "These 6 digits do not match the card. {number} tries left.",
    "number.picture": "Drawing of the front of the card: a row of 12 digits, the last 6 are marked.",
    # Reading
    "reading.title": "Reading your card",
    "reading.keep": "Please leave the card on the reader.",
    "reading.progress": "{percent} % read",
    "reading.picture": "Drawing: the card lies still on the reader.",
    # Is this you?
    "confirm.title": "Is this you?",
    "confirm.born": "Born in {year}",
    "confirm.sex.male": "Male",
    "confirm.sex.female": "Female",
    "confirm.number": "ID number",
    "confirm.number.tail": "ends in {tail}",
    "confirm.yes": "Yes, that’s me",
    "confirm.no": "No, not me",
    "confirm.expired": "The card has expired. You can still check in; staff at the desk will look at it.",
    "confirm.insurance": "Health insurance card received.",
    "confirm.masked": "Your name is shortened so that others cannot read it.",
    # Which clinic?
    "choose.title": "Which clinic do you need?",
    "choose.hint": "Touch one clinic.",
    "choose.people": "People waiting now.",
    "choose.waiting.none": "Nobody",
    "choose.waiting.one": "1 person",
    "choose.waiting.many": "{number} people",
    "choose.waiting.unknown": "Unknown",
    "choose.closed": "Closed today",
    "choose.free": "Free",
    "place.room": "Room {name}",
    "place.floor": "Floor {name}",
    "choose.page": "Page {number} of {total}",
    "choose.none": "No clinic takes check-ins at the machine now. Please go to the reception desk.",
    # Registering
    "registering.title": "Checking you in",
    "registering.text": "One moment please, your number is on its way.",
    # The ticket
    "ticket.title": "Your number",
    "ticket.waiting.none": "Nobody is before you",
    "ticket.waiting.one": "1 person is before you",
    "ticket.waiting.many": "{number} people are before you",
    "ticket.offline": "This machine gave the number while the server was out of reach. It is as good as any other.",
    "ticket.printing": "Your slip is being printed",
    "ticket.printing.todo": "Please wait, it comes out of the slot below.",
    "ticket.printed": "Please take your slip from the slot below",
    "ticket.printed.todo": "Go to the clinic and wait for your number.",
    "ticket.shown": "You have this number already",
    "ticket.shown.todo": "It is not printed again. If you lost the slip, please go to the reception desk.",
    "ticket.unsure": "Your slip may not be complete",
    "ticket.unsure.todo": "If you see no slip: please write down or photograph this number, then go to the clinic.",
    "ticket.failed": "Your slip could not be printed",
    "ticket.failed.todo": "Please write down or photograph this number, then go to the clinic. You are checked in.",
    "ticket.take_card": "Remember your card",
    "ticket.closes": "This screen closes in {seconds} seconds",
    # When something went wrong
    "problem.steps": "What to do",
    # Staff
    "staff.title": "Staff have been called",
    "staff.title.waiting": "Staff could not be called yet",
    "staff.informed": "Somebody is on the way. Please wait at the machine.",
    "staff.waiting": "The machine could not reach the staff yet. Please go straight to the reception desk.",
    "staff.invited.title": "Please come to the reception desk",
    "staff.invited": "Reception has taken over your registration. Please bring your card and papers with you.",
    "staff.meanwhile": "Your details have been removed from the screen.",
    # Is anybody there?
    "idle.title": "Are you still there?",
    "idle.text": "To keep your details private the screen will be cleared in {seconds} seconds.",
    "idle.stay": "I am still here",
    "idle.leave": "I have finished",
}

VERDICTS: Final = {
    "chip-trusted": VerdictText(
        "Genuine card", "The chip was checked: genuine card, details unaltered.", "good", "shield-check"
    ),
    "chip-consistent": VerdictText(
        "Chip read", "The details are unaltered. The issuer could not be verified here.", "plain", "chip"
    ),
    "chip-read": VerdictText(
        "Chip read", "The card could not be proved genuine here. Staff may look at it.", "plain", "chip"
    ),
    "staff": VerdictText("Checked by staff", "A member of staff has seen your papers.", "good", "person-check"),
    "qr": VerdictText("QR code only", "The chip has not been read. Staff may ask to see the card.", "plain", "code"),
    "typed": VerdictText("Typed in", "No card has been read. Staff will look at your papers.", "plain", "keypad"),
    "chip-contradicted": VerdictText(
        "The card needs checking", "What is on the card does not agree. Please see a member of staff.", "bad", "warning"
    ),
    "proving": VerdictText("Checking the chip", "Please leave the card there. You can go on.", "plain", "hourglass"),
    "*": VerdictText("Not checked", "Staff may look at your papers.", "plain", "question"),
}

GROUNDS: Final = {
    # The chip fell silent or failed while it was read
    "device.timeout": "The chip stopped answering. Staff may ask to see the card.",
    "device.unavailable": "The reader was cut off. Staff may ask to see the card.",
    "card.status_word": "The chip did not let all be read. Staff may ask to see the card.",
    "card.access_denied": "The chip did not open. Staff may ask to see the card.",
    "card.protocol": "The chip did not answer as it should. Staff may ask to see the card.",
    "data.malformed": "Not all of the chip could be read. Staff may ask to see the card.",
    # What the chip's signature leaves open
    "pa.skipped": "This machine does not check the card’s signature. Staff may ask to see the card.",
    "pa.no_sod": "The chip carries no signature. Staff may ask to see the card.",
    "pa.csca_unknown": "The details are unaltered. The issuer could not be verified here.",
    "copy.withheld": "The details are unaltered. Whether the chip is the original could not be checked.",
    "copy.unchecked": "The details are unaltered. Whether the chip is the original could not be checked.",
}

PRINTER_TROUBLES: Final = {
    "printer.paper_out": "The printer is out of paper.",
    "printer.paper_near_end": "The printer’s paper is near its end.",
    "printer.cover_open": "The printer’s cover is open.",
    "printer.unreachable": "The printer is not connected.",
    "printer.silent": "The printer does not answer.",
    "printer.offline": "The printer is switched off.",
    "printer.cutter": "The printer’s cutter is stuck.",
    "printer.too_slow": "The printer’s connection is too slow.",
    "printer.error": "The printer reports a fault.",
    "printer.fault": "The printer reports a fault.",
    "printer.none": "This machine has no printer.",
    "kiosk.restarted": "The machine started again while it was printing.",
    "*": "The printer has a fault.",
}

NOTICES: Final = {
    "scanner.not_ours": "This code is not used here. Please show the QR code of your ID card.",
    "scanner.hint.small": "Please hold the card closer to the scanner.",
    "scanner.hint.dark": "It is too dark. Please turn the card to the light.",
    "scanner.hint.glare": "The card reflects the light. Please tilt it a little.",
    "scanner.hint.moving": "Please hold the card still.",
    "scanner.hint.blurred": "The picture is blurred. Please move the card back a little and hold it still.",
    "scanner.other_person": "This QR code is somebody else’s. Please show the code of the card in use.",
    "scanner.*": "Please hold the QR code still in front of the scanner.",
    "card.left_lying": "A card still lies on the reader. Please take it. To register, put it down again.",
    "card.taken_early": "The card was taken away, so your details were cleared. Put it back to go on.",
    "card.code_used_instead": "The chip could not be read. The QR code is used instead.",
    "number.length": "Please enter all 6 digits.",
    "insurance.noted": "Health insurance card received.",
    "insurance.other_person": "This health insurance card is somebody else’s and cannot be used.",
    "visit.looking": "Looking for the visit. Please wait.",
    "service.closed": "This clinic has just closed. Please choose another.",
    "*": "Please follow the screen.",
}

ENGLISH: Final = Catalogue(
    thousands=",",
    phrases=PHRASES,
    verdicts=VERDICTS,
    grounds=GROUNDS,
    problems=PROBLEMS,
    printer_troubles=PRINTER_TROUBLES,
    notices=NOTICES,
)
