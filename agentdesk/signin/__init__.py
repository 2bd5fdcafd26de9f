"""Signing in by OAuth2: to mail accounts of Microsoft 365 and Google, and to contact centres as an agent.

The only part that knows msal, authlib, requests and filelock; they are imported when a token is
asked for, never before. The mail edge gets access tokens from `tokens.Tokens` and knows no more.
"""
