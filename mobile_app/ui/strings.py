"""The words of the language in force: one table a language, plural forms, names and signs of labels, numbers."""

from collections.abc import Callable, Mapping, Sequence

from mobile_app.ui.words import english, german, labels, russian, turkish

ENGLISH = english.WORDS
LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": english.WORDS,
    "de": german.WORDS,
    "tr": turkish.WORDS,
    "ru": russian.WORDS,
}
OWN_NAMES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "tr": "Türkçe", "ru": "Русский"}


def _two_forms(n: int) -> str:
    return "one" if n == 1 else "other"


def _three_forms(n: int) -> str:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"


# Cardinal plural rules of the Unicode CLDR, for whole numbers.
PLURAL_FORMS: Mapping[str, Callable[[int], str]] = {
    "en": _two_forms,
    "de": _two_forms,
    "tr": _two_forms,
    "ru": _three_forms,
}

# Signs beside the words, so that colour is never the only one.
ICONS: Mapping[str, str] = {
    "anger": "😠",
    "angry": "😠",
    "annoyance": "😒",
    "annoyed": "😠",
    "frustrated": "😤",
    "disgust": "🤢",
    "fear": "😨",
    "joy": "😄",
    "happy": "😄",
    "excited": "🤩",
    "excitement": "🤩",
    "love": "🥰",
    "sadness": "😢",
    "sad": "😢",
    "surprise": "😮",
    "neutral": "😐",
    "positive": "🙂",
    "negative": "🙁",
    "admiration": "👏",
    "amusement": "😂",
    "approval": "👍",
    "caring": "🤗",
    "confusion": "😕",
    "curiosity": "🤔",
    "disappointment": "😞",
    "disapproval": "👎",
    "embarrassment": "😳",
    "gratitude": "🙏",
    "grief": "😭",
    "nervousness": "😬",
    "optimism": "🌞",
    "pride": "😌",
    "realization": "💡",
    "relief": "😅",
    "remorse": "😔",
}
OTHER_ICON = "💭"
_state = {"language": "en"}


def use(language: str) -> None:
    """Speak a language of the table from now on."""
    _state["language"] = language


def language() -> str:
    """Return the language in force."""
    return _state["language"]


def best_of(tags: Sequence[str]) -> str:
    """Return the first language of the table among BCP 47 tags, English where there is none."""
    return next((code for tag in tags if (code := tag.split("-")[0].lower()) in LANGUAGES), "en")


def text(key: str, **values: object) -> str:
    """Return the words for ``key`` with ``values`` filled in."""
    return LANGUAGES[language()][key].format(**values)


def choices(key: str) -> list[str]:
    """Return a list of words that stands in one entry, separated by bars."""
    return text(key).split("|")


def plural(key: str, n: int, **values: object) -> str:
    """Return the words for ``n`` things: the entry ``key.<form>`` of the language's plural form."""
    return text(f"{key}.{PLURAL_FORMS[language()](n)}", n=n, **values)


def task_title(task: str) -> str:
    """Return the heading of a task; tasks of a bundle that the table does not know keep their own name."""
    return LANGUAGES[language()].get(f"task.{task}", task.replace("_", " ").capitalize())


def label_name(label: str) -> str:
    """Return a label as a person reads it; labels that the table does not know keep their own name."""
    return labels.LABELS.get(language(), {}).get(label, label.replace("_", " "))


def percent(probability: float) -> str:
    """Return a probability as a person reads it, never a plain zero for what is only unlikely."""
    return "<1\u00a0%" if 0 < probability < 0.005 else f"{round(100 * probability)}\u00a0%"


def size(n_bytes: int) -> str:
    """Return a size as a person reads it."""
    if n_bytes < 1_000_000:
        return f"{max(1, round(n_bytes / 1000))}\u00a0kB"
    return f"{n_bytes / 1_000_000:.1f}\u00a0MB"


def icon(label: str) -> str:
    """Return the sign of a label."""
    return ICONS.get(label, OTHER_ICON)
