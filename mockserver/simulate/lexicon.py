"""Lexicon: the everyday words, currencies, languages and regions that the simulated model knows; data only."""

ENUM_SYNONYMS = {
    "celsius": ("c", "centigrade", "°c", "metric"),
    "fahrenheit": ("f", "°f", "imperial"),
    "kelvin": ("k", "°k"),
    "metric": ("celsius", "centigrade", "kilometers", "km", "kg"),
    "imperial": ("fahrenheit", "miles", "pounds", "lbs"),
    "c": ("celsius", "centigrade"),
    "f": ("fahrenheit",),
    "km": ("kilometers", "kilometres", "kilometer"),
    "kilometers": ("km", "kilometres"),
    "miles": ("mi", "mile"),
    "mi": ("miles", "mile"),
    "kg": ("kilograms", "kilogram", "kilos"),
    "lbs": ("pounds", "pound", "lb"),
    "usd": ("dollars", "dollar", "$"),
    "eur": ("euros", "euro", "€"),
    "gbp": ("pounds", "sterling", "£"),
    "jpy": ("yen", "¥"),
    "inr": ("rupees", "rupee", "₹"),
    "asc": ("ascending", "lowest first", "oldest first"),
    "desc": ("descending", "highest first", "newest first", "latest first"),
    "ascending": ("asc", "lowest first"),
    "descending": ("desc", "highest first"),
    "high": ("urgent", "important"),
    "urgent": ("asap", "critical"),
    "critical": ("urgent",),
    "low": ("minor",),
    "en": ("english",),
    "fr": ("french",),
    "de": ("german",),
    "es": ("spanish",),
    "it": ("italian",),
    "ja": ("japanese",),
    "zh": ("chinese",),
    "add": ("plus", "sum"),
    "subtract": ("minus",),
    "multiply": ("times", "product"),
    "divide": ("divided",),
    "daily": ("every day", "each day"),
    "weekly": ("every week", "each week"),
    "monthly": ("every month", "each month"),
    "yearly": ("every year", "annually"),
    "male": ("man", "boy"),
    "female": ("woman", "girl"),
    "on": ("turn on", "switch on", "enable"),
    "off": ("turn off", "switch off", "disable"),
}
NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty""".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12}
SCALES = {
    "k": 1_000, "thousand": 1_000, "hundred": 100, "million": 1_000_000, "m": 1_000_000, "billion": 1_000_000_000,
    "bn": 1_000_000_000, "b": 1_000_000_000, "trillion": 1_000_000_000_000,
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri", "saturday sat",
         "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
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
ROOMS = frozenset(
    " ".join(name.split())
    for name in """
    kitchen, bedroom, living room, bathroom, hallway, hall, office, garage, garden, attic, basement, cellar, nursery,
    dining room, guest room, guest bedroom, master bedroom, kids room, study, porch, balcony, terrace, laundry room,
    lounge, corridor, patio, den, playroom, utility room, entrance, staircase, pantry, backyard, yard, conservatory
    """.split(",")
)
GENRES = frozenset(
    " ".join(name.split())
    for name in """
    jazz, rock, pop, classical, bossa nova, hip hop, rap, blues, country music, folk, metal, heavy metal, reggae,
    techno, house music, ambient, soul, funk, punk, disco, electronic, lo-fi, lofi, indie, salsa, samba, tango, swing,
    opera, gospel, drum and bass, trance, r&b, k-pop, flamenco, afrobeat, grunge, ska, comedy, horror, thriller, drama,
    science fiction, sci-fi, fantasy, romance, documentary, western, animation
    """.split(",")
)
CUISINES = frozenset(
    " ".join(name.split())
    for name in """
    italian, thai, mexican, indian, chinese, japanese, vietnamese, korean, greek, turkish, lebanese, french, spanish,
    moroccan, ethiopian, peruvian, vegan, vegetarian, mediterranean, american, sushi, pizza, ramen, tapas, georgian
    """.split(",")
)
COUNTRIES = {
    name.strip(): code
    for code, names in (
        entry.split("=")
        for entry in """AR=argentina;AT=austria;AU=australia;BE=belgium;BG=bulgaria;BR=brazil;CA=canada;CH=switzerland;
        CL=chile;CN=china;CO=colombia;CZ=czech republic,czechia;DE=germany;DK=denmark;EE=estonia;EG=egypt;ES=spain;
        FI=finland;FR=france;GB=united kingdom,england,britain,great britain,scotland,wales,uk;GR=greece;HR=croatia;
        HU=hungary;ID=indonesia;IE=ireland;IL=israel;IN=india;IS=iceland;IT=italy;JP=japan;KE=kenya;
        KR=south korea,korea;
        LT=lithuania;LU=luxembourg;LV=latvia;MA=morocco;MX=mexico;MY=malaysia;NG=nigeria;NL=netherlands,holland;
        NO=norway;NZ=new zealand;PE=peru;PH=philippines;PK=pakistan;PL=poland;PT=portugal;RO=romania;RS=serbia;
        RU=russia;SE=sweden;SG=singapore;SI=slovenia;SK=slovakia;TH=thailand;TN=tunisia;TR=turkey;TW=taiwan;UA=ukraine;
        US=united states,usa,america,us;UY=uruguay;VN=vietnam;ZA=south africa""".replace("\n", " ").split(";")
    )
    for name in names.split(",")
    for code in (code.strip(),)
}
"""Countries with their codes of ISO 3166."""


def word_set(words: str) -> frozenset[str]:
    """The words of a text, as a set; long lists of words read better as text."""
    return frozenset(words.split())


STOP = word_set(
    """a an the this that these those some any each every all both of in on at to for from by with without about into
    onto over under between among and or but nor so if then than as is are was were be been being am do does did done
    doing have has had having i me my mine myself we us our you your yours he him his she her hers it its they them
    their what which who whom whose when where why how can could would should will shall may might must please just
    also there here not no yes up out off down i'm i'd i'll i've it's let's what's that's there's don't let go want
    wants need needs like know tell give show help me let hey hi hello okay ok thanks thank very too such own same
    other another more most much many few lot per via using use used given following based s t d ll ve re e.g eg etc
    i.e ie one ones way kind sort type specific specified provided certain desired required optional default"""
)

GENERIC = word_set(
    """get find search calculate compute fetch list create make update set check retrieve return returns provide look
    lookup determine generate show obtain perform run execute do add new current data info information details detail
    value values result results function tool api call query request service system item items object number string
    text name names user id process handle manage read write load all by specific analyze analyse estimate evaluate
    identify available general simple total time date format parameter parameters input output between"""
)


OPENERS = word_set(
    """add alert analyze analyse answer apply approve archive ask assign book build buy calculate call cancel change
    check choose close come compare compose compute confirm connect convert copy count create delete deliver describe
    determine differentiate disable dispatch divide do download draft draw edit email enable estimate evaluate
    explain export extract factor fetch fill filter find fix forward generate get give go google grab guess help
    identify imagine import increase inform insert integrate invite invoice is keep launch let list listen load
    locate look lookup mail make map mark measure message monitor move multiply name navigate need notify obtain open
    order paint parse pause pay perform pick place play please plot post predict prepare print process provide pull
    purchase push put query read recommend record reduce refund register remind remove rename rent reply report
    request reschedule reserve reset resolve restart retrieve return ring roll run save say schedule score search see
    select sell send set share ship should show simplify simulate skip solve sort start stop subtract suggest sum
    summarize summarise switch take tell text track transfer translate transcribe turn unlock update upload use
    verify view wait wake want warn watch what whats when where which who whom whose why will with withdraw would
    write are can could did does had has have how if in on at for from to by and or but also then after before during
    while since my our your his her their the a an this that these those there here it we you they he she i's yes no
    ok okay hi hello hey thanks plus include thank dear sorry actually additionally furthermore moreover next finally
    first second third lastly meanwhile however today tomorrow yesterday now later soon given assuming suppose
    considering im i'm i'd i've i'll let's what's where's who's how's it's that's could've don't weather temperature
    news flight flights hotel hotels meeting stock stocks price prices both each all any some one two three four five
    six seven eight nine ten between"""
)

NEGATIONS = word_set("no not without don't dont never exclude excluding disable disabled skip avoid doesn't")


REGION_CODES = word_set(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB UK US USA UAE EU NSW"""
)


COLORS = word_set(
    "red green blue yellow white black orange purple pink brown grey gray violet turquoise magenta cyan beige gold"
)
