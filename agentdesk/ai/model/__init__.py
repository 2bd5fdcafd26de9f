"""The adapter `openai`: any model behind a server that speaks OpenAI's chat completions.

What a mail says is fenced as data (`fence`), masked before it leaves (`agentdesk.ai.masking`), and what
comes back is taken for hostile text of an exact form (`forms`, `plain`). Source: docs/assistance.md.
"""
