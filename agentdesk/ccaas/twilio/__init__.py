"""Twilio TaskRouter. A conversation is a chain of tasks, a segment a reservation, a presence an activity.

A task keeps its id only until it is transferred: then a new task takes its place, which names the first
one of its chain. The conversation is known by that first id for good. Source: docs/ccaas.md, *Twilio
TaskRouter*; facts of the interface from the vendor's OpenAPI (npm, @twilio/cli-core 8.3.2, TaskRouter v1).
"""
