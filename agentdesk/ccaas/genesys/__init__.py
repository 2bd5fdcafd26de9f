"""Genesys Cloud: external email conversations, over its public API. Source: docs/ccaas.md, *Genesys Cloud*.

The service (client credentials) hands over, looks and closes; what an agent does goes out under their
own token.
"""
