"""The screen: Textual only lives here."""
