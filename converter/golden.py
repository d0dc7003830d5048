"""What goes into golden vectors: the texts, and how far another machine may be from this one."""

from collections.abc import Mapping

from mobile_app.engine.golden import Tolerance

# Written for this project: ordinary chat, and everything that tokenizers get wrong (accents, emoji, CJK, right-to-left,
# curly quotes, special tokens as text, blank runs, one very long word, more tokens than the longest bucket).
GOLDEN_TEXTS = (
    "Okay.",
    "I did it, I actually did it!",
    "why would you even say that",
    "The bus leaves at ten past six.",
    "ugh, there is a hair in my soup",
    "She never called back. I miss her.",
    "Wait, you two know each other?!",
    "did you hear that noise downstairs...",
    "oh great, another form to fill in",
    "not bad at all, honestly",
    "omg nooo 😭😭 thats so saddd",
    "¡Qué sorpresa! Café au lait, naïve façade",
    "“Curly quotes” – and a dash… isn’t it?",
    "今日はとても楽しかった",
    "Это было неожиданно",
    "İstanbul'da yağmur yağıyor",
    "مرحبا كيف حالك",
    "  tabs\tand   runs of   blanks  ",
    "[CLS] [SEP] [MASK] are words here",
    "C++ 100% @home #winning https://example.org/a?b=c",
    "a" * 120,
    "👩‍👩‍👧 ❤️ 🏳️‍🌈",
    "no no no no",
    "We talked about the rent, the broken boiler, the neighbour's dog, the trip in May, your sister's new job, the "
    "cake for Sunday, the missing keys, the bill from the dentist, the film we never finished, and then somehow, "
    "without any warning at all, about whether either of us was happy, and I still do not know what I should have "
    "said to that.",
)


# Integer kernels round differently on every architecture and release: between x86-64 and Arm a six-layer dynamic-range
# model moved by 0.07 a feature (largest value 1.1) at cosine 0.995, and one label in 200 changed.
TOLERANCES: Mapping[str, Tolerance] = {
    "fp32": Tolerance(1e-3, 0.99999, 1.0),
    "fp16": Tolerance(1e-2, 0.9999, 1.0),
    "dynamic_wi8_afp32": Tolerance(0.25, 0.98, 0.9),
    "static_wi8_ai8": Tolerance(0.5, 0.95, 0.85),
    "static_wi8_ai16": Tolerance(0.25, 0.98, 0.9),
    "mixed": Tolerance(0.25, 0.98, 0.9),
}
