# Shortcuts; README.md holds the two commands that need nothing but Python.
bin := .venv/bin

.venv: pyproject.toml constraints.txt
	python3 -m venv .venv
	$(bin)/pip install -q -c constraints.txt -e '.[dev]'
	touch .venv

.PHONY: demo test check bench fuzz soak snap picture
demo: .venv            ## a desk with simulated customers
	$(bin)/agentdesk demo
test: .venv            ## every test
	$(bin)/pytest -n auto
check: .venv           ## what .ci/run checks beside the tests
	$(bin)/ruff check . && $(bin)/ruff format --check . && $(bin)/mypy && $(bin)/lint-imports
bench: .venv           ## speeds, each as a ratio to a reference measured in the same run
	$(bin)/python -m tests.benchmarks
fuzz: .venv            ## 20,000 damaged mails of each kind; SEED=7 has the same ones again
	AGENTDESK_FUZZ_EXAMPLES=$(or $(RUNS),20000) $(bin)/pytest tests/mail/test_fuzz.py -n auto --hypothesis-seed=$(or $(SEED),1)
soak: .venv            ## 1,000 runs of engines that die everywhere; SEED=501 goes on from there, MINUTES=30 ends in time
	$(bin)/python -m tests.faults --seed $(or $(SEED),1) --runs $(or $(RUNS),1000) --jobs 2 --minutes $(or $(MINUTES),0)
snap: .venv            ## accept the pictures that the snapshot tests made
	$(bin)/pytest tests/tui --snapshot-update
picture: .venv         ## the README's picture, from the running program
	$(bin)/python scripts/picture.py docs/desk.svg
