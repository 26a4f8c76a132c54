"""Numbers that prove themselves: payment cards by Luhn, bank accounts by IBAN's remainder."""

CARDS = (
    (("4",), (13, 16, 19)),
    (("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"), (16,)),
    (("34", "37"), (15,)),
    (("36", "38", "300", "301", "302", "303", "304", "305"), (14,)),
    (("35", "6011", "644", "645", "646", "647", "648", "649", "65"), (16,)),
    (("62",), (16, 17, 18, 19)),
)
"""How the issuers' numbers begin and how long they are; few other numbers fit that and Luhn too."""
GROUPS = ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3])
IBANS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24
FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22
SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in IBANS.split()}


def is_card(text: str) -> bool:
    """Whether it is a card's number, written in one piece or in the groups that are printed on cards."""
    pieces = text.replace("-", " ").split()
    digits = "".join(pieces)
    fits = any(digits.startswith(starts) and len(digits) in lengths for starts, lengths in CARDS)
    grouped = len(pieces) == 1 or [len(piece) for piece in pieces] in GROUPS
    return fits and grouped and len(set(digits)) > 1 and _luhn(digits)


def is_iban(text: str) -> bool:
    """Whether it is an IBAN: of its country's length, with the check digits that belong to it."""
    compact = text.replace(" ", "")
    if IBAN_LENGTHS.get(compact[:2]) != len(compact):
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
