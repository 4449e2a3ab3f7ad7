"""The phrases that comments are put together from, as plain data."""

THEMES = (
    "wait",
    "transfer",
    "repeat",
    "resolution",
    "billing error",
    "price",
    "outage",
    "agent",
    "recognised",
    "call-back",
    "ease",
)

BAD: dict[str, tuple[str, ...]] = {
    "wait": (
        "I waited {minutes} minutes before anyone picked up",
        "{minutes} minutes in the queue is far too long",
        "the wait was endless, about {minutes} minutes of music",
        "nobody answered for {minutes} minutes",
        "I nearly hung up after {minutes} minutes of waiting",
        "why does it take {minutes} minutes to reach a person",
        "your queue ate {minutes} minutes of my lunch break",
        "waiting {minutes} minutes for a two minute question makes no sense",
    ),
    "transfer": (
        "I was passed from one department to the next",
        "they transferred me {times} and nobody felt responsible",
        "being handed over again and again wore me out",
        "every person I reached sent me on to another team",
        "transferred {times} before someone could look at it",
        "the first person could not help and put me through to someone else",
        "I was bounced around between teams",
        "put through to the wrong department {times}",
    ),
    "repeat": (
        "I had to explain everything from the start again",
        "had to give my details {times}, does nobody write anything down",
        "I told the same story to each new person",
        "no one had read the notes from my last contact",
        "I repeated my problem {times} and was still asked for it",
        "it is tiring to tell you the same thing each time",
        "you asked me for the same information {times}",
    ),
    "resolution": (
        "my problem is still not solved",
        "I got in touch {times} and got nowhere",
        "I was promised it would work within {days} days and it does not",
        "nothing has changed since I got in touch",
        "the issue came back the same evening",
        "I still do not have an answer",
        "the case was closed although nothing was fixed",
        "after {days} days I am exactly where I started",
    ),
    "billing error": (
        "my bill is wrong again",
        "I was charged twice for the same month",
        "a fee turned up on my bill that nobody could explain",
        "the credit I was promised is not on the bill",
        "the bill is impossible to understand",
        "you billed me for equipment I sent back {days} days ago",
        "the discount disappeared from my invoice",
    ),
    "price": (
        "it is too expensive for what you get",
        "the price went up without any warning",
        "new customers pay less than I do",
        "other providers offer the same for less",
        "the plan costs more every year",
        "loyal customers get no discount at all",
    ),
    "outage": (
        "I could not get through for days in June",
        "the phone lines were dead and nobody said why",
        "your hotline did not work when I needed it",
        "I tried to call {times} and the line dropped each time",
        "all week the phone just rang out",
        "the lines were down and there was no message about it",
    ),
    "agent": (
        "the person I spoke with was short with me",
        "I felt like a nuisance",
        "the agent read from a script and did not listen",
        "nobody seemed to care",
        "the tone was not friendly",
        "I was interrupted before I had finished my sentence",
    ),
    "recognised": (
        "you did not know who I was although I have been with you for years",
        "I had to spell my name {times}",
        "I am treated like a stranger each time",
        "you should know my history by now",
    ),
    "call-back": (
        "nobody offered to call me back",
        "the call-back I asked for never came",
        "I would rather be called back than sit in a queue",
        "I was told someone would call and waited the whole day",
    ),
    "ease": (
        "the menu has too many steps",
        "the app sends you round in circles",
        "it was hard to find the right place to ask",
        "the form threw away what I had typed",
        "the chat window closed in the middle of it",
        "much too complicated for such a small thing",
    ),
}

GOOD: dict[str, tuple[str, ...]] = {
    "wait": (
        "I got through at once",
        "hardly any wait at all",
        "someone picked up within a minute",
        "no queue, which was a nice surprise",
        "answered faster than I expected",
    ),
    "transfer": (
        "one person took care of everything",
        "I was not passed around for once",
        "I spoke to one person from start to finish",
        "the handover to the specialist was smooth",
    ),
    "repeat": (
        "I did not have to explain anything twice",
        "they had read my earlier message before they answered",
        "the notes from last time were there",
        "they knew what it was about straight away",
    ),
    "resolution": (
        "it was fixed on the first try",
        "solved in {few} minutes",
        "everything works again",
        "my question was answered completely",
        "they found the fault quickly and sorted it out",
        "problem solved, and explained in plain words",
        "done in one go",
    ),
    "billing error": (
        "the mistake on my bill was put right at once",
        "they explained the bill line by line",
        "the credit was there the next day",
        "the new bill is easy to read",
    ),
    "price": (
        "good value for the money",
        "they found me a cheaper plan",
        "fair price and it works",
        "the renewal offer was better than I had hoped",
    ),
    "outage": (
        "they kept me informed while the lines were down",
        "I got through in the end, and they said sorry for the lines",
    ),
    "agent": (
        "very friendly and patient",
        "the agent listened and took the time",
        "kind, clear and competent",
        "I felt understood",
        "the person on the other end really knew the product",
        "polite and quick",
        "they were so helpful",
    ),
    "recognised": (
        "they knew me and my history right away",
        "nice to be greeted by name",
        "they already saw which equipment I have",
    ),
    "call-back": (
        "the call-back came exactly when promised",
        "being called back saved me the queue",
        "I was offered a call-back and could get on with my day",
    ),
    "ease": (
        "quick and easy",
        "it took me {few} minutes in all",
        "simple from start to finish",
        "the app made it easy",
        "no fuss at all",
    ),
}

OPENERS = (
    *("", "", "", "", "", ""),
    *("Honestly, ", "Well, ", "To sum up, ", "Frankly, ", "All in all, ", "As I said, "),
)

CLOSERS: tuple[tuple[str, ...], ...] = (
    (
        *("", "", "", "", ""),
        "I am thinking of leaving.",
        "Please do something about it.",
        "Not what I expect from a company of this size.",
        "I would not put a friend through this.",
        "Very disappointing.",
        "That must get better.",
    ),
    (
        *("", "", "", "", ""),
        "Otherwise it was fine.",
        "There is room to improve.",
        "It was all right in the end.",
        "Nothing special.",
        "Could be quicker.",
    ),
    (
        *("", "", "", "", ""),
        "Thank you!",
        "Keep it up.",
        "I have already told my neighbours.",
        "That is how it should be.",
        "Happy to stay.",
        "Great service.",
    ),
)

SHORT: tuple[tuple[str, ...], ...] = (
    ("terrible", "bad service", "not good", "never again", "slow", "useless", "too many problems"),
    ("ok", "fine", "average", "it was okay", "no complaints", "alright", "could be better"),
    ("great", "perfect", "very good", "all good", "excellent service", "top", "thanks"),
)

FEW = ("three", "five", "ten", "a few", "15")
TIMES = ("twice", "three times", "four times", "five times")
DAYS = ("2", "3", "5", "10", "14", "20")

NAMED: tuple[tuple[str, ...], ...] = (
    ("I spoke with {}, who could not help.", "{} hung up on me.", "Ask {} what was promised."),
    ("I spoke with {}.", "{} did what was possible.", "It was {} who took my call."),
    ("{} was wonderful.", "Please thank {} for me.", "{} deserves a raise.", "Ask for {}!"),
)

# Addresses and numbers that belong to no one: reserved domains, 555-01xx, published test cards.
EMAIL_STARTS = (
    *("blue", "quiet", "rapid", "little", "north", "sunny", "amber", "maple", "silver", "cedar"),
    *("stone", "river", "winter", "copper", "green", "lucky"),
)
EMAIL_ENDS = (
    *("finch", "harbor", "lantern", "meadow", "otter", "pebble", "kite", "willow", "canyon"),
    *("bridge", "falcon", "garden"),
)
EMAIL_DOMAINS = ("example.com", "example.org")
EMAIL_JOINTS = (".", "_", "")
AREAS = ("212", "303", "312", "404", "415", "512", "602", "617", "702", "713", "808", "919")
PHONES = (
    "({area}) 555-{line}",
    "{area}-555-{line}",
    "{area}.555.{line}",
    "{area} 555 {line}",
    "+1 {area} 555 {line}",
    "1-{area}-555-{line}",
    "{area}555{line}",
    "555-{line}",
)
CARDS = (
    "4111 1111 1111 1111",
    "4111111111111111",
    "4242-4242-4242-4242",
    "5555 5555 5555 4444",
    "5105105105105100",
    "3782 822463 10005",
    "371449635398431",
    "6011-1111-1111-1117",
    "3530111333300000",
    "4012888888881881",
)
PERSONAL: dict[str, tuple[str, ...]] = {
    "email": (
        "You can reach me at {}.",
        "My address is {} if you need more.",
        "Please write to {}.",
        "I already wrote from {} and got no reply.",
    ),
    "phone": (
        "Call me on {}.",
        "My number is {}, evenings are best.",
        "You can ring {} any time.",
        "Tel. {}.",
    ),
    "card": (
        "I paid with card {}.",
        "The charge is on my card {}, please check.",
        "My card number is {}.",
    ),
}

DECOYS: dict[str, tuple[str, ...]] = {
    "order": ("My order number is {}.", "It is about order {}.", "Order {} was the one."),
    "ticket": ("The ticket is {}.", "See ticket {}.", "Reference {}."),
    "date": ("This was on {}.", "It started on {}.", "Since {} it has been like this."),
    "amount": ("It is about {}.", "The difference was {}.", "We are talking about {}."),
    "parcel": ("The parcel number is {}.", "Tracking says {}."),
    "version": ("My box runs version {}.", "The app is version {}."),
}
"""Sentences around things that are nobody's: a redaction must leave them as they are."""
