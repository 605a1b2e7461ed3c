# 持证 Chizheng. `make help` lists what can be done; `make run` and `make test` are all that most people need.

PYTHON ?= python3
# One more than there are cores: a third of the tests wait for processes and browsers that they started.
WORKERS ?= $(shell expr $$(nproc) + 1)
VENV := .venv
BIN := $(VENV)/bin
# The check starts some hundred processes: where nothing may be kept compiled, each would compile the house anew.
export PYTHONDONTWRITEBYTECODE :=
# The switches keep this machine's package index and folders out of the locks.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make lock"
# A folder `wheelhouse`, carried from a machine with internet, takes the place of the package index.
OFFLINE = $(if $(wildcard wheelhouse/*.whl),--no-index -f wheelhouse)

# Fills the environment from one lock, only when that lock (or the Python) is another than the one filled from last.
# The environment has no pip of its own: Debian ships venv without it, and refuses to install beside the system's packages.
define fill
	@if ! command -v $(PYTHON) >/dev/null; then \
		echo "找不到 $(PYTHON)。Debian 上请运行：apt install python3 python3-pip / $(PYTHON) is not there. On Debian: apt install python3 python3-pip"; \
		exit 1; \
	fi; \
	$(PYTHON) tools/preflight.py || exit 1; \
	state="$$($(PYTHON) -V) $$(cksum < $(1).txt)"; \
	if [ "$$state" != "$$(cat $(VENV)/$(1).filled 2>/dev/null)" ]; then \
		echo "正在安装 $(1).txt 所列的依赖，只需一次，请稍候 / Installing what $(1).txt lists, once; this takes a moment" && \
		$(PYTHON) -m venv --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install $$(test -t 1 || echo --quiet) --disable-pip-version-check \
			--no-input --root-user-action ignore --require-hashes --only-binary :all: $(2) -r $(1).txt && \
		echo "$$state" > $(VENV)/$(1).filled; \
	fi
endef

# The two commands: the environment holds what the project needs and not the project itself.
define launch
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m %s "$$@"\n' \
		"$(CURDIR)" "$(abspath $(BIN)/python)" $(2) > $(BIN)/$(1) && chmod +x $(BIN)/$(1)
endef

.PHONY: help
help:  ## 显示本说明 / show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv
venv:
	$(call fill,requirements,$(OFFLINE))
	@$(MAKE) --no-print-directory launchers

.PHONY: venv-dev
venv-dev:
	$(call fill,requirements-dev)
	@$(MAKE) --no-print-directory launchers

.PHONY: launchers
launchers:
	$(call launch,chizheng,app.cli)
	$(call launch,question-bank,question_bank)

.PHONY: run
run: venv  ## 启动演示县服务 / start the service with the demo county
	@exec $(BIN)/python -m app.cli demo run

.PHONY: test
# The workers share out the cores already: threads of the library for sums would only spin beside them.
test: export OPENBLAS_NUM_THREADS = 1
test: venv-dev  ## 格式、类型和全部测试 / format, lint, types and every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
# In a new clone the tests are compiled beside the types, which keep one core busy: else each worker compiles them all.
	@test -d tests/__pycache__ || $(BIN)/python -m pytest --collect-only -qq >/dev/null 2>&1 & \
	$(BIN)/mypy; typed=$$?; wait; exit $$typed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: bench
bench: venv-dev  ## 性能测量，不判合格与否 / measure speed; prints ratios and never fails on time
	$(call fill,requirements-bench)
	$(BIN)/python -m benchmarks

.PHONY: faults
faults: venv-dev  ## 反复断电演练和一万次模拟，约一小时 / kill service and database again and again, play 10,000 simulated days; nothing acknowledged may be lost
	$(BIN)/python -m pytest -m long -n $(WORKERS)
	SIMULATION_SEEDS=$${SIMULATION_SEEDS:-0:10000} $(BIN)/python -m pytest tests/simulation -n $(WORKERS)
	$(BIN)/python -m tests.faults.long_tier

.PHONY: fuzz
fuzz: venv-dev  ## 损坏文件导入试验，每种格式十分钟 / read damaged files of every format; none may crash, hang or eat the memory
	$(BIN)/python -m tests.fuzz.long_tier

.PHONY: lock
lock: venv-dev  ## 按 requirements*.in 重新锁定依赖 / lock the dependencies anew
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) requirements-bench.in --constraint requirements-dev.txt --output-file requirements-bench.txt

.PHONY: wheelhouse
wheelhouse: venv  ## 下载离线安装包，供无外网的机器使用 / gather the packages for a machine without internet
	$(PYTHON) -m pip --python $(BIN)/python download --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: --dest wheelhouse -r requirements.txt
	@echo "把整个项目连同 wheelhouse 文件夹复制过去，再运行 make run / copy the project with its folder wheelhouse, then make run there"
