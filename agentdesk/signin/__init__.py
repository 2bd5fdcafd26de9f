"""Signing in to mail accounts by OAuth2: Microsoft 365 and Google.

The only part that knows msal, authlib, requests and filelock; they are imported when a token is
asked for, never before. The mail edge gets access tokens from `tokens.Tokens` and knows no more.
"""
