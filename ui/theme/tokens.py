"""Colours, type scale, spaces, radii and heights: the only place where they are written down.

Sizes are in px at scale 1.0; `Theme.px` multiplies them. `paper`, `ink` and `red` are the same in every
theme because the sheet must look on screen as it prints.
"""

from dataclasses import dataclass

from ui.theme.roles import FontToken, Role, ThemeName


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colour per role, as `#RRGGBB`."""

    bg: str
    surface: str
    alt: str
    sunken: str
    line: str
    edge: str
    text: str
    text2: str
    text3: str
    disabled: str
    primary: str
    onprimary: str
    primtext: str
    primsoft: str
    select: str
    focus: str
    nav: str
    navtext: str
    navon: str
    navsel: str
    seal: str
    onseal: str
    sealsoft: str
    ok: str
    okbar: str
    okbg: str
    half: str
    halfbar: str
    halfbg: str
    near: str
    nearbar: str
    nearbg: str
    over: str
    overbar: str
    overbg: str
    onover: str
    hold: str
    holdbar: str
    holdbg: str
    paper: str = "#FFFFFF"
    ink: str = "#17212B"
    red: str = "#B8141B"
    paperfocus: str = "#0B66C3"

    def color(self, role: Role) -> str:
        """The hex value of `role`."""
        return str(getattr(self, role.value))


LIGHT = Palette(
    bg="#EDF0F3",
    surface="#FFFFFF",
    alt="#F6F8FA",
    sunken="#E4E9EE",
    line="#D2D9E0",
    edge="#7D8A97",
    text="#17212B",
    text2="#414E5B",
    text3="#55626F",
    disabled="#8A96A3",
    primary="#1D4E7C",
    onprimary="#FFFFFF",
    primtext="#1A466F",
    primsoft="#E1ECF6",
    select="#DCE9F5",
    focus="#0B66C3",
    nav="#1B2B3A",
    navtext="#C6D2DD",
    navon="#FFFFFF",
    navsel="#2F475D",
    seal="#B8141B",
    onseal="#FFFFFF",
    sealsoft="#FBEAEA",
    ok="#176437",
    okbar="#2A8A54",
    okbg="#E5F3EA",
    half="#6E4B00",
    halfbar="#A87700",
    halfbg="#FBF2D9",
    near="#97380A",
    nearbar="#CF5510",
    nearbg="#FDEBDF",
    over="#9C1237",
    overbar="#B81B44",
    overbg="#FBE5EA",
    onover="#FFFFFF",
    hold="#414E5B",
    holdbar="#66737F",
    holdbg="#E4E9EE",
)

DARK = Palette(
    bg="#11171D",
    surface="#1A222A",
    alt="#202A33",
    sunken="#0C1116",
    line="#35414D",
    edge="#7C8A98",
    text="#E9EEF3",
    text2="#C0CAD4",
    text3="#A3B0BC",
    disabled="#6B7885",
    primary="#86BBEB",
    onprimary="#0B1C2C",
    primtext="#A5CDF2",
    primsoft="#1E3346",
    select="#233B52",
    focus="#6DB5FF",
    nav="#0B1015",
    navtext="#B4C1CD",
    navon="#FFFFFF",
    navsel="#24384B",
    seal="#FF8A85",
    onseal="#2A0507",
    sealsoft="#3A1A1C",
    ok="#82D6A2",
    okbar="#45A972",
    okbg="#173024",
    half="#EDC766",
    halfbar="#C0972E",
    halfbg="#332A12",
    near="#FFAE7A",
    nearbar="#E0763A",
    nearbg="#3A2414",
    over="#FF9DB4",
    overbar="#E5537A",
    overbg="#3E1723",
    onover="#2B0511",
    hold="#C0CAD4",
    holdbar="#7C8A98",
    holdbg="#2A343E",
)

HIGH = Palette(
    bg="#000000",
    surface="#000000",
    alt="#0D0D0D",
    sunken="#000000",
    line="#FFFFFF",
    edge="#FFFFFF",
    text="#FFFFFF",
    text2="#FFFFFF",
    text3="#E6E6E6",
    disabled="#A6A6A6",
    primary="#FFE94A",
    onprimary="#000000",
    primtext="#FFE94A",
    primsoft="#1F1C00",
    select="#00366B",
    focus="#00E5FF",
    nav="#000000",
    navtext="#FFFFFF",
    navon="#FFFFFF",
    navsel="#1F1C00",
    seal="#FF9B96",
    onseal="#000000",
    sealsoft="#2B0505",
    ok="#7CFFB0",
    okbar="#7CFFB0",
    okbg="#001F0E",
    half="#FFE94A",
    halfbar="#FFE94A",
    halfbg="#1F1C00",
    near="#FFB070",
    nearbar="#FFB070",
    nearbg="#241000",
    over="#FF9DB4",
    overbar="#FF9DB4",
    overbg="#2B0010",
    onover="#000000",
    hold="#FFFFFF",
    holdbar="#FFFFFF",
    holdbg="#1A1A1A",
)

PALETTES: dict[ThemeName, Palette] = {
    ThemeName.LIGHT: LIGHT,
    ThemeName.DARK: DARK,
    ThemeName.HIGH: HIGH,
}


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """One type style: size in px at scale 1.0, weight, and whether it is set in the sheet's serif."""

    px: float
    weight: int
    serif: bool = False


TYPE: dict[FontToken, TypeStyle] = {
    FontToken.BODY: TypeStyle(16, 400),
    FontToken.STRONG: TypeStyle(16, 500),
    FontToken.NUM: TypeStyle(16, 700),
    FontToken.TITLE3: TypeStyle(18, 700),
    FontToken.TITLE2: TypeStyle(20, 700),
    FontToken.TITLE1: TypeStyle(22, 700),
    FontToken.BIG: TypeStyle(36, 700),
    FontToken.SHEET: TypeStyle(18.67, 400, serif=True),
    FontToken.SHEET_LABEL: TypeStyle(18.67, 700, serif=True),
    # Only 400 and 700 of the serif are bundled: asking for 500 would bring in a system face of the same
    # family, whose PDF text cannot be copied faithfully.
    FontToken.SHEET_NOTE: TypeStyle(24, 400, serif=True),
    FontToken.SHEET_HEAD: TypeStyle(28, 700, serif=True),
}

LINE_HEIGHT = 1.375
RUNNING_LINE_HEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Space:
    """The steps of white space, in px at scale 1.0."""

    xs: int = 2
    s: int = 4
    m: int = 8
    l: int = 12  # noqa: E741 - the usual name of the step between m and xl
    xl: int = 16
    xxl: int = 20


@dataclass(frozen=True, slots=True)
class Radius:
    """Corner radii, in px at scale 1.0."""

    badge: int = 4
    control: int = 6
    panel: int = 8


@dataclass(frozen=True, slots=True)
class Height:
    """Heights of controls and strips, in px at scale 1.0."""

    action: int = 44
    control: int = 40
    tab: int = 36
    row: int = 56
    nav: int = 64
    strip: int = 48
    keybar: int = 36
    accept: int = 52
    tier: int = 28
    tag: int = 26
    dot: int = 26
    node: int = 30
    bar: int = 6


@dataclass(frozen=True, slots=True)
class IconSize:
    """Icon sizes, in px at scale 1.0."""

    small: int = 18
    normal: int = 20
    large: int = 24
    empty: int = 48


SPACE = Space()
RADIUS = Radius()
HEIGHT = Height()
ICON = IconSize()
NAV_WIDTH = 80
SCALES: tuple[float, ...] = (1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
