"""Names by which the screens ask for a colour, a type style or a theme; the values are in `tokens`."""

from enum import StrEnum


class ThemeName(StrEnum):
    """The three themes a person can choose from in the settings."""

    LIGHT = "light"
    DARK = "dark"
    HIGH = "high"


class Role(StrEnum):
    """Colour roles. Every value is the name of a field of `tokens.Palette`."""

    BG = "bg"
    SURFACE = "surface"
    ALT = "alt"
    SUNKEN = "sunken"
    LINE = "line"
    EDGE = "edge"
    TEXT = "text"
    TEXT2 = "text2"
    TEXT3 = "text3"
    DISABLED = "disabled"
    PRIMARY = "primary"
    ONPRIMARY = "onprimary"
    PRIMTEXT = "primtext"
    PRIMSOFT = "primsoft"
    SELECT = "select"
    FOCUS = "focus"
    NAV = "nav"
    NAVTEXT = "navtext"
    NAVON = "navon"
    NAVSEL = "navsel"
    SEAL = "seal"
    ONSEAL = "onseal"
    SEALSOFT = "sealsoft"
    OK = "ok"
    OKBAR = "okbar"
    OKBG = "okbg"
    HALF = "half"
    HALFBAR = "halfbar"
    HALFBG = "halfbg"
    NEAR = "near"
    NEARBAR = "nearbar"
    NEARBG = "nearbg"
    OVER = "over"
    OVERBAR = "overbar"
    OVERBG = "overbg"
    ONOVER = "onover"
    HOLD = "hold"
    HOLDBAR = "holdbar"
    HOLDBG = "holdbg"
    PAPER = "paper"
    INK = "ink"
    RED = "red"


class FontToken(StrEnum):
    """Type styles; only three weights exist (400, 500, 700)."""

    BODY = "body"
    STRONG = "body.strong"
    NUM = "num.strong"
    TITLE3 = "title.3"
    TITLE2 = "title.2"
    TITLE1 = "title.1"
    BIG = "num.big"
    SHEET = "sheet"
    SHEET_LABEL = "sheet.label"
    SHEET_NOTE = "sheet.note"
    SHEET_HEAD = "sheet.head"
