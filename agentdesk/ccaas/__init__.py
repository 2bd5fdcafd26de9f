"""Contact centres: the port, and an adapter for each kind. Only this package speaks to one.

Nothing here knows the database: it takes ids of the centre and gives plain values of `domain.ccaas`.
"""
