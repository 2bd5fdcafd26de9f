"""Ports for what a model may do, and their adapters: each has one that works offline."""
