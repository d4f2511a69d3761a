# The commands of the project. Each calls one script of scripts/, which says what it does.

.DEFAULT_GOAL := help
.PHONY: help run test build bench models web lint

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build everything, install the two small models and serve on port 3000
	@exec scripts/run

test: ## Install what the tests need and run every check and test
	@exec scripts/test

build: ## Build the release binary: target/release/flowstone
	@exec scripts/build

bench: ## Measure the release binary against the bars of docs/performance.md
	@exec scripts/bench

models: ## Install the two small models that the examples and tests use
	@exec scripts/fetch-models

web: ## Build the web pages into web/dist
	@exec scripts/build-web

lint: ## Check format, lints and house rules, without running tests
	@exec scripts/lint
