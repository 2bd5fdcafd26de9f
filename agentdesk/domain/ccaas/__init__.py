"""Contact centres that route mail for the desk, as plain values: a *centre* is one of them, a
*conversation* its view of an interaction, a *segment* an agent's part in it, an *order* what we want of it.

Ids that a centre gave are texts; ours are typed numbers. Source: docs/ccaas.md.
"""
