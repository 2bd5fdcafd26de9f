"""Supervised asyncio loops: receive, send, route, deadlines, feed."""
