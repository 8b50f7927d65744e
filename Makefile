# Thin on purpose: what is real is in cargo. `make` alone lists what there is.

.DEFAULT_GOAL := help
.PHONY: help run reset token

# ---- One machine ------------------------------------------------------------------------------

SUB = user-1
ROLE = user

cargo_lambda := 1.9.2
tools := .local/tools
tools_installed := $(tools)/cargo-lambda-$(cargo_lambda)
local := cargo run --package local
# Silent once it is built; the first build takes a minute and shows what it does.
local_silent = $(local) $(if $(wildcard $(or $(CARGO_TARGET_DIR),target)/debug/local),--quiet)

run: $(tools_installed) ## Run everything here, until Ctrl-C: PORT=9000 ISSUER_PORT=9001 FORCE_DEBUG_LOGGING=false
	@$(local) -- run

token: ## Print a token: SUB=user-1 ROLE=user|admin|recorder (use it with make -s)
	@$(local_silent) -- token --sub '$(SUB)' --role '$(ROLE)'

reset: ## Forget everything that was recorded here
	@$(local_silent) -- reset

$(tools_installed):
	@echo "• Installing cargo-lambda $(cargo_lambda) into $(tools), once (500 MB)"
	@python3 -m venv $(tools) || { echo "error: python3 cannot make a virtual environment. On Debian and Ubuntu, install python3-venv."; exit 1; }
	@$(tools)/bin/python -m pip install --quiet --disable-pip-version-check cargo-lambda==$(cargo_lambda)
	@touch $@

# ---- Help -------------------------------------------------------------------------------------

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
