"""A contact centre of its own that speaks the Genesys Cloud dialect for external email conversations.

The core (`centre`, `access`, `channels`, `faults`) is deterministic and is given its time; HTTP and WebSocket
(`api`, `panel`, `server`) are thin above it. Its rules: docs/sandbox.md.
"""
