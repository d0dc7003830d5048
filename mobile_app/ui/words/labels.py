"""The labels that the shipped models know, in other languages than English."""

from collections.abc import Mapping

_GERMAN, _TURKISH, _RUSSIAN = range(3)
_NAMES: Mapping[str, tuple[str, str, str]] = {
    "admiration": ("Bewunderung", "hayranlık", "восхищение"),
    "amusement": ("Belustigung", "eğlenme", "веселье"),
    "anger": ("Ärger", "öfke", "гнев"),
    "annoyance": ("Genervtheit", "kızgınlık", "досада"),
    "approval": ("Zustimmung", "onay", "одобрение"),
    "caring": ("Fürsorge", "şefkat", "забота"),
    "confusion": ("Verwirrung", "kafa karışıklığı", "растерянность"),
    "curiosity": ("Neugier", "merak", "любопытство"),
    "desire": ("Verlangen", "arzu", "желание"),
    "disappointment": ("Enttäuschung", "hayal kırıklığı", "разочарование"),
    "disapproval": ("Ablehnung", "onaylamama", "неодобрение"),
    "disgust": ("Ekel", "tiksinti", "отвращение"),
    "embarrassment": ("Verlegenheit", "utanma", "смущение"),
    "excitement": ("Begeisterung", "heyecan", "воодушевление"),
    "fear": ("Angst", "korku", "страх"),
    "gratitude": ("Dankbarkeit", "minnet", "благодарность"),
    "grief": ("Trauer", "yas", "горе"),
    "joy": ("Freude", "sevinç", "радость"),
    "love": ("Liebe", "sevgi", "любовь"),
    "negative": ("negativ", "olumsuz", "плохой"),
    "nervousness": ("Nervosität", "gerginlik", "нервность"),
    "neutral": ("neutral", "nötr", "ровный"),
    "optimism": ("Zuversicht", "iyimserlik", "оптимизм"),
    "positive": ("positiv", "olumlu", "хороший"),
    "pride": ("Stolz", "gurur", "гордость"),
    "realization": ("Einsicht", "farkına varma", "осознание"),
    "relief": ("Erleichterung", "rahatlama", "облегчение"),
    "remorse": ("Reue", "pişmanlık", "раскаяние"),
    "sadness": ("Traurigkeit", "üzüntü", "грусть"),
    "surprise": ("Überraschung", "şaşkınlık", "удивление"),
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "de": {label: names[_GERMAN] for label, names in _NAMES.items()},
    "tr": {label: names[_TURKISH] for label, names in _NAMES.items()},
    "ru": {label: names[_RUSSIAN] for label, names in _NAMES.items()},
}
