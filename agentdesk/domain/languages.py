"""Languages by their codes, as people and models call them in English; pure. Source: ISO 639-1."""

from typing import Final

NAMES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian",
    "nl": "Dutch", "nn": "Norwegian Nynorsk", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
DEFAULT: Final = "English"


def name_of(language: str) -> str:
    """`German` for `de`, `de-AT` and `german`; empty for what is no language that we know."""
    words = language.strip().lower().replace("_", "-")
    known = {name.lower(): name for name in NAMES.values()}
    return NAMES.get(words.partition("-")[0]) or known.get(words, "")


def every() -> tuple[str, ...]:
    """All names, in order."""
    return tuple(sorted(set(NAMES.values())))
