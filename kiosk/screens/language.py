"""The language of pages for people at a desk: chosen in the address, unlike the patient's, which the kiosk knows."""

from typing import get_args

from flask import request

from kiosk.conversation.view import Language


def asked_language(usual: Language) -> Language:
    """Return the language named by ``?lang=`` or a form's ``lang``; ``usual`` where none is."""
    wanted = request.args.get("lang") or request.form.get("lang")
    language: Language = next((one for one in get_args(Language) if one == wanted), usual)
    return language
