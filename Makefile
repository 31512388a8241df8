# Three commands: make demo, make test, make check. `make help` tells them all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: test-postgresql bench-speed bench-cost bench-board train help demo test check format bench bench-llm clean

help:
	@echo "make demo    read the example dossier, print the board and the answer, write demo/"
	@echo "make test    run the tests"
	@echo "make test-postgresql  the tests of registers on PostgreSQL (Debian's is installed if missing)"
	@echo "make check   lint, types, import contracts"
	@echo "make bench   measure the readers against the gold (needs CAVEAT_DATA)"
	@echo "make bench-llm ENDPOINT=URL MODEL=NAME    measure a language model the same way"
	@echo "make bench-speed  words per second against spaCy's small pipeline"
	@echo "make bench-board  milliseconds of a board and a count over growing registers"
	@echo "make bench-cost  time, memory and stages of each packaged reader"
	@echo "make train   train both readers again, corpora to figures (needs CAVEAT_DATA, hours)"
	@echo "make format  put the code in its format"

# Versions are pinned in requirements/; the stamps make second runs take seconds.
$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what Caveat needs (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

DEMO := --register demo/register.db
DEMO_DAY := 2026-01-07

demo: $(VENV)/.run
	@mkdir -p demo
	$(BIN)/caveat add $(DEMO) examples/reassurance-force
	$(BIN)/caveat board $(DEMO) --as-of $(DEMO_DAY)
	$(BIN)/caveat count $(DEMO) --kind troops --as-of $(DEMO_DAY)
	$(BIN)/caveat report $(DEMO) --kind troops --as-of $(DEMO_DAY) --output demo/report.html

test: $(VENV)/.dev
	$(BIN)/python -m pytest

# the tests of registers again, on a PostgreSQL server of their own
ON_BOTH := $(addprefix tests/test_,register.py reviews.py review_command.py register_command.py search.py \
	wordings.py enter.py merges.py index.py many_at_once.py)
test-postgresql: $(VENV)/.dev
	tests/with-postgresql.sh $(BIN)/python -m pytest $(ON_BOTH)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# texts of the gold go to ENDPOINT; replies are kept in CACHE, so that a second run asks nothing
CACHE ?= .bench-llm.db
bench-llm: $(VENV)/.dev
	@test -n "$(ENDPOINT)" && test -n "$(MODEL)" || \
		{ echo "usage: make bench-llm ENDPOINT=http://localhost:11434/v1 MODEL=name" >&2; exit 2; }
	CAVEAT_LLM_URL="$(ENDPOINT)" CAVEAT_LLM_MODEL="$(MODEL)" \
		$(BIN)/python -m bench.readers --reader llm --yes --cache "$(CACHE)"

# boards and counts over registers of up to 200,000 positions (ten minutes)
bench-board: $(VENV)/.dev
	$(BIN)/python -m bench.board

# what the position reader costs, and its errors in detail
bench-cost: $(VENV)/.dev
	$(BIN)/python -m bench.cost

train:
	OUT="$(or $(OUT),.train)" bash train/run.sh

bench-speed: $(VENV)/.dev requirements/bench.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	$(BIN)/python -m bench.speed

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
