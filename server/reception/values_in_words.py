"""What the visit's page says of stored values: both sides of a discrepancy or a correction, the trail's particulars."""

from server.domain.card_check import verdict_of
from server.pages import texts
from server.presenting import written_date, written_vnd


def value_of(field: str | None, value: str) -> str:
    """Return one side of a discrepancy as people write it."""
    if field == "sex":
        return texts().find("sex", value)
    return written_date(value) if field in {"born_on", "expires_on"} else value


def told(details: dict[str, str]) -> dict[str, str]:
    """Return what a line of the trail says, its codes in words with the code behind."""
    if "result" not in details:
        return details
    t, code = texts(), details["result"]
    words = t.find("field.bhyt", code) if t.has(f"field.bhyt.{code}") else t(f"card.{verdict_of(code).status}")
    return details | {"result": t("insurance.code", words=words, code=code)}


def nationality_in_words(code: str) -> str:
    """Return ``Việt Nam (VNM)``; of a country without words here its ICAO code alone."""
    t = texts()
    return t("nationality.other", words=t(f"nationality.{code}"), code=code) if t.has(f"nationality.{code}") else code


def value_in_words(field: str, value: str | None) -> str:
    """Return one side of a correction as people write it."""
    t = texts()
    if not value:
        return t("changed.nothing")
    match field:
        case "assurance":
            return t.find("assurance.short", value)
        case "payer":
            return t.find("payer", value)
        case "price_vnd":
            return written_vnd(int(value))
        case "circumstance":
            return t.find("circumstance", value)
        case "living_area":
            return t.find("area", value)
        case "is_admitted":
            return t.find("is_admitted", value)
        case "transfer_paper":
            return _paper_in_words(value)
        case "insurance_from" | "insurance_to":
            return written_date(value)
        case "status":
            return t.find("state", value)
        case _:
            return value


def _paper_in_words(value: str) -> str:
    number, sender, receiver, signed_on, kind = value.split(";")
    code = "coverage.papers.written.one_year" if kind else "coverage.papers.written"
    return texts()(code, number=number, sender=sender, receiver=receiver, day=written_date(signed_on))


def usual_reasons(act: str) -> list[str]:
    """Return the reasons offered where ``act`` asks for one; any other may be typed."""
    t = texts()
    return [t(code) for code in t.catalogue if code.startswith(f"usual.{act}.")]
