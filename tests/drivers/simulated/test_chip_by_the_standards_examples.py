"""The chip's end of BAC, secure messaging and PACE, byte for byte against ICAO 9303-11 appendices D and G."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from drivers.icao9303.dh_groups import DH_GROUPS
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ChipProfile, PaceSuite
from drivers.simulated.people import InventedPerson, get_person
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu

SELECT_APPLICATION = "00A4040C07A0000002471001"


class ScriptedRandomness:
    def __init__(self, octets: Iterable[str] = (), scalars: Iterable[str] = ()) -> None:
        self._octets = [bytes.fromhex(one) for one in octets]
        self._scalars = [int(one, 16) for one in scalars]

    def octets(self, count: int) -> bytes:
        value = self._octets.pop(0)
        assert len(value) == count
        return value

    def scalar(self, order: int) -> int:
        value = self._scalars.pop(0)
        assert 1 <= value < order
        return value


def bearer(number: str, born_on: date, expires_on: date) -> InventedPerson:
    return replace(get_person("somsak"), passport_number=number, born_on=born_on, expires_on=expires_on)


def exchange(chip: Chip, command: str) -> str:
    return chip.transmit(bytes.fromhex(command)).hex().upper()


def test_bac_of_appendix_d_gives_its_answer_and_its_session() -> None:
    chip = Chip(
        bearer("L898902C", date(1969, 8, 6), date(1994, 6, 23)),
        randomness=ScriptedRandomness(octets=["4608F91988702212", "0B4F80323EB3191CB04970CB4052790B"]),
    )
    assert exchange(chip, SELECT_APPLICATION) == "9000"
    assert exchange(chip, "0084000008") == "4608F919887022129000"
    answer = exchange(
        chip,
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
    )
    assert answer == ("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000")
    assert exchange(chip, "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800") == (
        "990290008E08FA855A5D4C50A8ED9000"
    )


def test_pace_of_appendix_g1_gives_its_answers_and_its_session_keys() -> None:
    chip = Chip(
        bearer("T22000129", date(1964, 8, 12), date(2010, 10, 31)),
        randomness=ScriptedRandomness(
            octets=["3F00C4D39D153F2B2A214A078D899B22"],
            scalars=[
                "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560",
                "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A",
            ],
        ),
    )
    assert exchange(chip, "00A4020C02011C") == "9000"
    assert exchange(chip, "00B0000000") == "31143012060A04007F0007020204020202010202010D9000"
    assert exchange(chip, "0022C1A412800A04007F0007020204020283010184010D") == "9000"
    assert exchange(chip, "10860000027C0000") == "7C12801095A3A016522EE98D01E76CB6B98B42C39000"
    mapping = exchange(
        chip,
        "10860000457C438141"
        "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
    )
    assert mapping == (
        "7C438241"
        "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000"
    )
    agreement = exchange(
        chip,
        "10860000457C438341"
        "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
    )
    assert agreement == (
        "7C438441"
        "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000"
    )
    assert exchange(chip, "008600000C7C0A8508C2B0BD78D94BA86600") == "7C0A86083ABB9674BCE93C089000"

    keys = bytes.fromhex("F5F0E35C0D7161EE6724EE513A0D9A7F"), bytes.fromhex("FE251C7858B356B24514B3BD5F4297D1")
    session = SecureMessaging(CipherSuite.AES_128, *keys)
    select = session.wrap_command(CommandApdu(0, 0xA4, 4, 0x0C, bytes.fromhex("A0000002471001")))
    answer = chip.transmit(select.encode())
    assert session.unwrap_response(answer[:-2], int.from_bytes(answer[-2:], "big")) == (b"", 0x9000)


def test_pace_over_dh_of_appendix_g2_ends_with_its_tokens() -> None:
    chip = Chip(
        bearer("T22000129", date(1964, 8, 12), date(2010, 10, 31)),
        ChipProfile(pace=(PaceSuite(group="modp-1024-160"),)),
        ScriptedRandomness(
            octets=["FA5B7E3E49753A0DB9178B7B9BD898C8"],
            scalars=["66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C", "A5B780126B7C980E9FCEA1D4539DA1D27C342DFA"],
        ),
    )
    group = DH_GROUPS[0]
    map_key = 0x5265030F751F4AD18B08AC565FC7AC952E41618D
    ephemeral_key = 0x89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA

    assert exchange(chip, "00B09C0000") == "31143012060A04007F00070202040102020102020100" + "9000"
    assert exchange(chip, "0022C1A40F800A04007F00070202040102830101") == "9000"
    assert exchange(chip, "10860000027C0000") == "7C128010854D8DF5827FA6852D1A4FA701CDDDCA9000"
    chip_map = general_authenticate(chip, 0x81, group.encode(pow(group.g, map_key, group.p)), 0x82)
    shared = pow(int.from_bytes(chip_map, "big"), map_key, group.p)
    generator = pow(group.g, 0xFA5B7E3E49753A0DB9178B7B9BD898C8, group.p) * shared % group.p
    general_authenticate(chip, 0x83, group.encode(pow(generator, ephemeral_key, group.p)), 0x84)
    assert exchange(chip, "008600000C7C0A8508B46DD9BD4D98381F00") == "7C0A8608917F37B5C0E6D8D19000"


def general_authenticate(chip: Chip, tag: int, key: bytes, answer_tag: int) -> bytes:
    command = CommandApdu(0x10, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(tag, key)), le=256)
    answer = chip.transmit(command.encode())
    assert answer.endswith(b"\x90\x00")
    return tlv.get(tlv.parse_one(answer[:-2], "answer", 0x7C).children("answer"), answer_tag, "answer").value
