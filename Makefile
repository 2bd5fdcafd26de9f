# Shortcuts; README.md holds the two commands that need nothing but Python.
bin := .venv/bin

.venv: pyproject.toml constraints.txt
	python3 -m venv .venv
	$(bin)/pip install -q -c constraints.txt -e '.[dev]'
	touch .venv

.PHONY: demo test check bench snap picture
demo: .venv            ## a desk with simulated customers
	$(bin)/agentdesk demo
test: .venv            ## every test
	$(bin)/pytest -n auto
check: .venv           ## what .ci/run checks beside the tests
	$(bin)/ruff check . && $(bin)/ruff format --check . && $(bin)/mypy && $(bin)/lint-imports
bench: .venv           ## speeds, each as a ratio to a reference measured in the same run
	$(bin)/python -m tests.benchmarks
snap: .venv            ## accept the pictures that the snapshot tests made
	$(bin)/pytest tests/tui --snapshot-update
picture: .venv         ## the README's picture, from the running program
	$(bin)/python scripts/picture.py docs/desk.svg
