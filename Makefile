# Run `make help` for the list of targets.
.DEFAULT_GOAL := help
SHELL := bash

export SAM_CLI_TELEMETRY := 0
# Bytecode is kept, also where it is switched off: else each process that a test starts compiles our code anew.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The architecture to build for: x86_64 or arm64. It must be the one that the stack is deployed with.
ARCH ?= x86_64
BUILD_DIR ?= .aws-sam/build
# `make demo` passes these on: a ticket of your own, or one of the scenarios that README.md lists.
TICKET ?=
SCENARIO ?=
# prompt: `make demo` shows the first ticket's prompt as well.
SHOW ?=
# An address that `make local` listens on beside loopback: Docker's bridge, for containers on Linux.
BIND ?=
# A folder of incidents that `make eval` measures beside its own.
SUITE ?=
# Part of the names of those disturbances that `make bench ONLY=disturbances` is to have, instead of all.
ROWS ?=
# What `make invoke` and `make sam-invoke` invoke, by its logical id in template.yaml, and with what.
FUNCTION ?= DiagnoseFunction
EVENT ?= events/diagnose-insert.json
# Whether `make deploy` asks for the stack's parameters: the first time. Later it keeps those that the stack has.
GUIDED ?= $(if $(shell grep -s '^parameter_overrides' samconfig.toml),,1)

# The interpreter of the Lambda runtime, needed to build and to run the artifact; looked for only when it is needed.
python313 = $(shell local/find_python313)
# Bytecode is made of what is imported, when it is: to compile all that is installed takes as long as to install it.
PIP_INSTALL := -m pip --disable-pip-version-check install --quiet --no-compile --no-deps --require-hashes

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/.demo  ## the whole road on this machine: no AWS account, Docker or API key (TICKET=path, SCENARIO=name, SHOW=prompt)
	@$(BIN)/python -m local.demo $(if $(TICKET),--ticket "$(TICKET)") $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(SHOW),--show "$(SHOW)")

.PHONY: local
local: $(VENV)/.demo  ## keep the stack up on this machine until Ctrl-C, for any AWS client (BIND=address, beside loopback)
	@$(BIN)/python -m local.demo.serve $(if $(BIND),--bind "$(BIND)")

.PHONY: board
board: $(VENV)/.demo  ## the dashboard's board at a loopback address, on a local stack of its own, until Ctrl-C
	@$(BIN)/python -m local.board

.PHONY: pictures
pictures: $(VENV)/.dev  ## write docs/pictures anew: the board in Chromium, a session at the command line
	@$(BIN)/python -m local.pictures

.PHONY: invoke
invoke: $(VENV)/.demo  ## one function once, from the source, at `make local`'s stack (FUNCTION=diagnose, EVENT=path)
	@$(BIN)/python -m local.demo.invoke "$(FUNCTION)" "$(EVENT)"

.PHONY: sam-invoke
sam-invoke: BUILD_DIR := .aws-sam/build
sam-invoke: build  ## the same as built, in Lambda's container: needs Docker (FUNCTION=DiagnoseFunction, EVENT=path)
	env -u AWS_PROFILE -u AWS_SESSION_TOKEN AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1 \
		.venv-sam/bin/sam local invoke "$(FUNCTION)" --event "$(EVENT)"

.PHONY: test
test:  ## lint, type check and every test but the long ones, with branch coverage
	@$(MAKE) --no-print-directory -j2 lint tools
	$(BIN)/python -m pytest -m "not long" -n auto --dist loadfile --cov --cov-report=term

.PHONY: test-long
test-long: $(VENV)/.dev tools  ## the tests that take minutes
	$(BIN)/python -m pytest -m long -n auto --dist worksteal

.PHONY: lint
lint: $(VENV)/.dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: schemas
schemas: $(VENV)/.dev  ## write docs/schemas from the code, after a change to what is stored
	@PYTHONPATH=functions:layers/shared:. $(BIN)/python -m tests.support.record_schema
	@PYTHONPATH=functions:layers/shared:. $(BIN)/python -m tests.support.event_schemas

.PHONY: messages
messages: $(VENV)/.dev  ## write docs/messages, every sample incident as each place is told of it
	@PYTHONPATH=functions:layers/shared:. $(BIN)/python -m tests.support.messages

.PHONY: audit
audit: $(VENV)/.dev .venv-audit/.installed  ## checkov over the stack that SAM makes of the template
	@mkdir -p .aws-sam
	@$(BIN)/python -m tests.support.translated > .aws-sam/translated.json
	@.venv-audit/bin/checkov --config-file .checkov.yaml --file .aws-sam/translated.json

.PHONY: fmt
fmt: $(VENV)/.dev  ## format the code and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: unit
unit: $(VENV)/.dev  ## the tests that need no emulator, in seconds
	$(BIN)/python -m pytest tests/unit -n auto

.PHONY: build
build: tools  ## sam build, for ARCH=x86_64 or ARCH=arm64
	@test -x .venv-lambda/bin/python3.13 || { echo "No Python 3.13 found: it is the Lambda runtime's, and sam build needs it."; exit 1; }
	ARCH=$(ARCH) PATH="$(CURDIR)/.venv-lambda/bin:$$PATH" .venv-sam/bin/sam build --build-dir $(BUILD_DIR) --parameter-overrides Architecture=$(ARCH)

.PHONY: size
size: build  ## what is shipped: KiB, unpacked and zipped, of each function and of each package of the layers
	@$(PYTHON) -m local.size $(BUILD_DIR)

.PHONY: deploy
deploy: BUILD_DIR := .aws-sam/build
deploy: build  ## build and deploy, for ARCH=x86_64 or ARCH=arm64; asks the first time, and with GUIDED=1
	.venv-sam/bin/sam deploy $(if $(GUIDED),--guided) \
		--parameter-overrides Architecture=$(ARCH)

.PHONY: import-tables
import-tables: $(VENV)/.demo  ## begin a stack with the tables of a deleted one (STACK=, TICKETS_TABLE=, STATE_TABLE=, SUBJECTS_TABLE=, KMS_KEY_ARN=), then `make deploy`
	@$(BIN)/python -m local.import_tables --stack "$(STACK)" --tickets-table "$(TICKETS_TABLE)" --state-table "$(STATE_TABLE)" \
		$(if $(SUBJECTS_TABLE),--subjects-table "$(SUBJECTS_TABLE)") $(if $(KMS_KEY_ARN),--kms-key-arn "$(KMS_KEY_ARN)")

.PHONY: bench
bench: $(VENV)/.dev tools  ## the benchmarks, one with ONLY=name; they write docs/benchmarks.md (of disturbances ROWS=flapping alone prints)
	ROWS="$(ROWS)" $(BIN)/python -m pytest tests/benchmarks -o python_files="bench_$(or $(ONLY),*).py" -o python_functions="bench_*" -s --no-header -p no:cacheprovider

.PHONY: eval
eval: $(VENV)/.dev  ## replay incidents and measure the diagnoses: asks Claude if ANTHROPIC_API_KEY is set; writes docs/evals.md (SUITE=path)
	@PYTHONPATH=functions:layers/shared $(BIN)/python -m tests.evals $(if $(SUITE),--suite "$(SUITE)")

.PHONY: lock
lock: $(VENV)/.dev  ## resolve the requirements anew; `make lock UPGRADE=--upgrade` takes newer versions
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv
	$(call compile,3.11 --universal --overrides requirements/overrides.in,requirements/demo)
	$(call compile,3.11 --universal --overrides requirements/overrides.in,requirements/dev)
	$(call compile,3.11 --universal,requirements/sam)
	$(call compile,3.11 --universal,requirements/audit)
	$(call compile,3.13 --universal,requirements/lambda)
	$(call compile,3.13 --universal,requirements/ministack)
	$(call compile,3.13 --python-platform linux,layers/dependencies/requirements)

define compile
UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --generate-hashes $(UPGRADE) \
	--python-version $(1) $(2).in --output-file $(2).txt
endef

# Installing leaves a stamp behind, so that the next run starts at once. Everything is locked: nothing is resolved.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt | $(VENV)/bin/python
	$(BIN)/python $(PIP_INSTALL) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	$(BIN)/python $(PIP_INSTALL) -r $<
	@touch $(VENV)/.demo $@

# The SAM CLI, Python 3.13 with what Lambda's own has, and an emulator to deploy to. Without a 3.13 the build is refused, and
# its tests and those of the deployment are skipped.
.PHONY: tools
tools: .venv-sam/.installed
	@if [ -e .venv-ministack/.installed ] || local/find_python313 >/dev/null; then \
		$(MAKE) --no-print-directory .venv-lambda/.installed .venv-ministack/.installed; fi

.venv-sam/.installed .venv-audit/.installed: .venv-%/.installed: requirements/%.txt
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python $(PIP_INSTALL) -r $<
	@touch $@

.venv-lambda/.installed .venv-ministack/.installed: .venv-%/.installed: requirements/%.txt
	$(python313) -m venv .venv-$*
	.venv-$*/bin/python $(PIP_INSTALL) -r $<
	@touch $@
