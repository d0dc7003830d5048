"""Every word that a person reads, in one table a language."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "app": "Undertone",
    "nav.say": "Say",
    "nav.history": "History",
    "theme.to_dark": "Dark",
    "theme.to_light": "Light",
    "say.hint": "Type what somebody said",
    "say.clear": "Clear",
    "say.empty.title": "How did that sound?",
    "say.empty.body": "Write a sentence as it was said. Undertone guesses the feeling behind it, and you put it right "
    "with a tap. It learns your way of hearing it, here on this device.",
    "say.empty.try": "Try one of these:",
    "say.examples": "ugh fine, I'll do it|I can't believe you remembered my birthday!|Okay.",
    "say.loading": "Getting ready…",
    "say.reading": "Reading…",
    "say.not_sure": "Not sure",
    "say.skipped": "Skipped",
    "say.accept": "All right as it is",
    "say.accept_rest": "Keep the rest and save",
    "say.next": "Next one",
    "say.saved": "Saved. “{text}” is now {changes}.",
    "say.change": "{label} {after}, was {before}",
    "say.and": "{first}, and {second}",
    "say.undo": "Undo",
    "say.undone": "Undone. Nothing was kept.",
    "say.undone_to": "Undone. The earlier labels are back.",
    "say.clipped": "That was long: the first {kept} characters are here, a sentence or two work best.",
    "say.no_words": "There are no words in this yet.",
    "history.search": "Search what you saved",
    "history.empty": "Nothing here yet. What you save on the first page appears here.",
    "history.no_match": "Nothing that you saved contains “{query}”.",
    "history.count.one": "1 utterance",
    "history.count.other": "{n} utterances",
    "history.relabel": "Put it right",
    "history.forget": "Forget this",
    "history.forget_sure": "Tap again to forget",
    "history.forgotten": "Forgotten: Undertone no longer learns from it.",
    "history.relabelled": "Changed, and learned again.",
    "history.close": "Close",
    "history.no_label": "not sure",
    "time.now": "just now",
    "time.minutes": "{n} min ago",
    "time.today": "today {clock}",
    "time.day": "{day} {month}",
    "time.year": "{day} {month} {year}",
    "time.months": "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
    "error.input": "This did not work: it needs {expected}, but there was {found}. To go on: {remedy}.",
    "error.other": "Something went wrong just now. What you saved is safe; please try that again.",
    "task.emotion": "Emotion",
    "task.sentiment": "Sentiment",
}

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH}

# Signs beside the words, so that colour is never the only one.
ICONS: Mapping[str, str] = {
    "anger": "😠",
    "angry": "😠",
    "annoyed": "😠",
    "frustrated": "😤",
    "disgust": "🤢",
    "fear": "😨",
    "joy": "😄",
    "happy": "😄",
    "excited": "🤩",
    "love": "🥰",
    "sadness": "😢",
    "sad": "😢",
    "surprise": "😮",
    "neutral": "😐",
    "positive": "🙂",
    "negative": "🙁",
}
OTHER_ICON = "💭"


def text(key: str, **values: object) -> str:
    """Return the words for ``key`` with ``values`` filled in."""
    return LANGUAGES["en"][key].format(**values)


def choices(key: str) -> list[str]:
    """Return a list of words that stands in one entry, separated by bars."""
    return text(key).split("|")


def plural(key: str, n: int) -> str:
    """Return the words for ``n`` things: the entries ``key.one`` and ``key.other``."""
    return text(f"{key}.one" if n == 1 else f"{key}.other", n=n)


def task_title(task: str) -> str:
    """Return the heading of a task; tasks of a bundle that the table does not know keep their own name."""
    return ENGLISH.get(f"task.{task}", task.replace("_", " ").capitalize())


def label_name(label: str) -> str:
    """Return a label as a person reads it."""
    return label.replace("_", " ")


def percent(probability: float) -> str:
    """Return a probability as a person reads it, never a plain zero for what is only unlikely."""
    return "<1\u00a0%" if 0 < probability < 0.005 else f"{round(100 * probability)}\u00a0%"


def icon(label: str) -> str:
    """Return the sign of a label."""
    return ICONS.get(label, OTHER_ICON)
