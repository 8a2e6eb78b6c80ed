"""ICAO 9303-11 appendices D (BAC), G.1 (PACE over ECDH) and G.2 (PACE over DH), exchange by exchange."""

import pytest

from drivers.errors import ProtocolViolation, StatusWordError
from drivers.icao9303.bac import open_bac
from drivers.icao9303.chip import Chip
from drivers.icao9303.dh_groups import DH_GROUPS
from drivers.icao9303.keys import CipherSuite, mrz_information, mrz_secret
from drivers.icao9303.pace import PacePassword, PasswordKind, open_pace, token_input, usable_pace
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import parse_security_infos
from drivers.smartcard.apdu import CommandApdu
from tests.drivers.icao9303.scripted import ScriptedConnection

BAC_PROOF = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
BAC_ANSWER = "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449"
BAC_EXCHANGES = [("0084000008", "4608F919887022129000"), (f"0082000028{BAC_PROOF}28", f"{BAC_ANSWER}9000")]


def _bac(exchanges: list[tuple[str, str]]) -> SecureMessaging | None:
    values = {8: bytes.fromhex("781723860C06C226"), 16: bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")}
    chip = Chip(ScriptedConnection(exchanges))
    return open_bac(chip, mrz_information("L898902C<", "690806", "940623"), values.__getitem__)


def test_appendix_d_opens_the_session_of_the_standard() -> None:
    session = _bac(BAC_EXCHANGES)
    assert session
    assert session.counter.hex().upper() == "887022120C06C226"
    protected = session.wrap_command(CommandApdu.parse(bytes.fromhex("00A4020C02011E"))).encode()
    assert protected.hex().upper() == "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800"


@pytest.mark.parametrize("sw", ["6300", "63C2", "6982", "6983", "6988"])
def test_a_refused_bac_key_is_no_error(sw: str) -> None:
    assert _bac([BAC_EXCHANGES[0], (BAC_EXCHANGES[1][0], sw)]) is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (BAC_ANSWER[:-2] + "00", "wrong MAC"),
        (BAC_ANSWER[:-16], "cut"),
        ("", "nothing"),
        (BAC_PROOF, "our own proof sent back"),
    ],
)
def test_a_chip_that_does_not_know_the_bac_key_is_found_out(answer: str, why: str) -> None:
    with pytest.raises(ProtocolViolation):
        _bac([BAC_EXCHANGES[0], (BAC_EXCHANGES[1][0], f"{answer}9000")])


def test_a_chip_without_bac_says_so() -> None:
    with pytest.raises(StatusWordError) as refusal:
        _bac([("0084000008", "6D00")])
    assert refusal.value.sw == 0x6D00


MRZ_PASSWORD = PacePassword(PasswordKind.MRZ, mrz_secret(mrz_information("T22000129", "640812", "101031")))

G1_CARD_ACCESS = bytes.fromhex("31143012060A04007F0007020204020202010202010D")
G1_NONCE = "95A3A016522EE98D01E76CB6B98B42C3"
G1_TERMINAL_MAP = (
    "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
G1_CHIP_MAP = (
    "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
G1_TERMINAL_KEY = (
    "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
G1_CHIP_KEY = (
    "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
G1_EXCHANGES = [
    ("0022C1A412800A04007F0007020204020283010184010D", "9000"),
    ("10860000027C0000", f"7C128010{G1_NONCE}9000"),
    (f"10860000457C438141{G1_TERMINAL_MAP}00", f"7C438241{G1_CHIP_MAP}9000"),
    (f"10860000457C438341{G1_TERMINAL_KEY}00", f"7C438441{G1_CHIP_KEY}9000"),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
]


def _g1(exchanges: list[tuple[str, str]]) -> SecureMessaging | None:
    scalars = iter(
        (
            0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99,
            0xA73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595,
        )
    )
    (info,) = usable_pace(parse_security_infos(G1_CARD_ACCESS, "EF.CardAccess").pace, extended=False)
    opened = open_pace(Chip(ScriptedConnection(exchanges)), info, MRZ_PASSWORD, lambda order: next(scalars))
    return opened.session if opened else None


def test_appendix_g1_opens_the_session_of_the_standard() -> None:
    session = _g1(G1_EXCHANGES)
    assert session
    assert session.suite is CipherSuite.AES_128
    assert session.counter == bytes(16)
    # the same keys as the standard's: both ends understand each other
    chip_end = SecureMessaging(
        CipherSuite.AES_128,
        bytes.fromhex("F5F0E35C0D7161EE6724EE513A0D9A7F"),
        bytes.fromhex("FE251C7858B356B24514B3BD5F4297D1"),
    )
    command = CommandApdu(0, 0xA4, 4, 12, bytes.fromhex("A0000002471001"))
    assert chip_end.unwrap_command(session.wrap_command(command)).data == command.data


def test_a_chip_that_wants_the_parameter_id_left_out_gets_its_way() -> None:
    shorter = ("0022C1A40F800A04007F00070202040202830101", "9000")
    assert _g1([(G1_EXCHANGES[0][0], "6A80"), shorter, *G1_EXCHANGES[1:]])


@pytest.mark.parametrize("sw", ["6300", "63C1", "6982", "6988"])
def test_a_wrong_password_shows_at_the_token_only(sw: str) -> None:
    assert _g1([*G1_EXCHANGES[:4], (G1_EXCHANGES[4][0], sw)]) is None


def test_a_wrong_token_of_the_chip_ends_it() -> None:
    with pytest.raises(ProtocolViolation, match="does not prove"):
        _g1([*G1_EXCHANGES[:4], (G1_EXCHANGES[4][0], "7C0A86083ABB9674BCE93C099000")])


def test_our_own_key_sent_back_ends_it() -> None:
    with pytest.raises(ProtocolViolation, match="our own key"):
        _g1([*G1_EXCHANGES[:3], (G1_EXCHANGES[3][0], f"7C438441{G1_TERMINAL_KEY}9000")])


@pytest.mark.parametrize(("step", "sw"), [(0, "6A82"), (0, "6985"), (1, "6D00"), (2, "6A80"), (3, "6985")])
def test_a_refused_step_is_named_with_its_status_word(step: int, sw: str) -> None:
    with pytest.raises(StatusWordError) as refusal:
        _g1([*G1_EXCHANGES[:step], (G1_EXCHANGES[step][0], sw)])
    assert refusal.value.sw == int(sw, 16)


def test_appendix_g2_tokens_follow_from_its_private_keys() -> None:
    group = DH_GROUPS[0]
    terminal_map, chip_map = 0x5265030F751F4AD18B08AC565FC7AC952E41618D, 0x66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C
    terminal_key, chip_key = 0x89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA, 0xA5B780126B7C980E9FCEA1D4539DA1D27C342DFA
    shared = pow(group.g, terminal_map * chip_map, group.p)
    generator = pow(group.g, 0xFA5B7E3E49753A0DB9178B7B9BD898C8, group.p) * shared % group.p
    chip_public = group.encode(pow(generator, chip_key, group.p))
    terminal_public = group.encode(pow(generator, terminal_key, group.p))

    card_access = bytes.fromhex("31143012060A04007F00070202040102020102020100")
    (info,) = parse_security_infos(card_access, "EF.CardAccess").pace
    mac_key = bytes.fromhex("805A1D27D45A5116F73C54469462B7D8")
    token = info.suite.mac(mac_key, token_input(info, chip_public))
    answer = info.suite.mac(mac_key, token_input(info, terminal_public))
    assert (token.hex().upper(), answer.hex().upper()) == ("B46DD9BD4D98381F", "917F37B5C0E6D8D1")

    def template(tag: str, value: bytes) -> str:
        inner = f"{tag}8180{value.hex()}"
        return f"7C8183{inner}"

    scalars = iter((terminal_map, terminal_key))
    chip = Chip(
        ScriptedConnection(
            [
                ("0022C1A412800A04007F00070202040102830101840100", "9000"),
                ("10860000027C0000", "7C128010854D8DF5827FA6852D1A4FA701CDDDCA9000"),
                (
                    f"1086000086{template('81', group.encode(pow(group.g, terminal_map, group.p)))}00",
                    f"{template('82', group.encode(pow(group.g, chip_map, group.p)))}9000",
                ),
                (f"1086000086{template('83', terminal_public)}00", f"{template('84', chip_public)}9000"),
                (f"008600000C7C0A8508{token.hex()}00", f"7C0A8608{answer.hex()}9000"),
            ]
        )
    )
    opened = open_pace(chip, info, MRZ_PASSWORD, lambda order: next(scalars))
    assert opened
    chip_end = SecureMessaging(CipherSuite.AES_128, bytes.fromhex("2F7F46ADCC9E7E521B45D192FAFA9126"), mac_key)
    command = CommandApdu(0, 0xB0, 0x81, 0, le=223)
    assert chip_end.unwrap_command(opened.session.wrap_command(command)).le == 223
