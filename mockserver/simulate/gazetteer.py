"""The world as the simulated model knows it: currencies, languages, regions; data only."""

from mockserver.simulate.lexicon import word_set

CURRENCIES = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "dollar": "USD", "euro": "EUR", "yen": "JPY",
    "rupee": "INR", "pound": "GBP", "franc": "CHF", "yuan": "CNY", "peso": "MXN", "bitcoin": "BTC",
    "krona": "SEK", "krone": "NOK", "lira": "TRY", "ruble": "RUB", "zloty": "PLN",
}  # fmt: skip

COINED = {
    "us dollar": "USD", "american dollar": "USD", "united states dollar": "USD", "canadian dollar": "CAD",
    "australian dollar": "AUD", "new zealand dollar": "NZD", "singapore dollar": "SGD", "hong kong dollar": "HKD",
    "british pound": "GBP", "pound sterling": "GBP", "swiss franc": "CHF", "japanese yen": "JPY", "chinese yuan": "CNY",
    "indian rupee": "INR", "mexican peso": "MXN", "south korean won": "KRW", "korean won": "KRW",
    "swedish krona": "SEK", "norwegian krone": "NOK", "danish krone": "DKK", "turkish lira": "TRY",
    "russian ruble": "RUB", "south african rand": "ZAR", "brazilian real": "BRL", "polish zloty": "PLN",
}  # fmt: skip
"""Currencies that share their word with others, told by whose they are."""

LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "japanese": "ja",
    "chinese": "zh", "portuguese": "pt", "russian": "ru", "arabic": "ar", "korean": "ko", "dutch": "nl",
    "hindi": "hi", "swedish": "sv", "polish": "pl", "turkish": "tr", "greek": "el", "hebrew": "he",
    "norwegian": "no", "danish": "da", "finnish": "fi", "czech": "cs", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip

REGION_CODES = word_set(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB UK US USA UAE EU NSW"""
)

REGIONS = frozenset(
    " ".join(name.split())
    for name in """
    alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, georgia, hawaii,
    idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts, michigan,
    minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, north
    carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island, south carolina, south dakota,
    tennessee, texas, utah, vermont, virginia, west virginia, wisconsin, wyoming, ontario, quebec, bavaria,
    argentina, australia, austria, belgium, bolivia, brazil, bulgaria, canada, chile, china, colombia, croatia,
    cuba, czech republic, denmark, egypt, england, estonia, ethiopia, finland, france, germany, ghana, greece,
    hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy, japan, kenya, latvia, lithuania,
    luxembourg, malaysia, mexico, morocco, nepal, netherlands, new zealand, nigeria, norway, pakistan, peru,
    philippines, poland, portugal, romania, russia, saudi arabia, scotland, serbia, singapore, slovakia, slovenia,
    south africa, south korea, spain, sweden, switzerland, taiwan, tanzania, thailand, tunisia, turkey, uganda,
    ukraine, united kingdom, united states, uruguay, venezuela, vietnam, wales, zambia
    """.split(",")
)
