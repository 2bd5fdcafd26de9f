"""Use-cases of work that a contact centre routes. Source: docs/ccaas.md."""
