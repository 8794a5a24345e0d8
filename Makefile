# Thin names for the commands below; each installs what it misses (see .ci/bootstrap).
#   make demo ARGS="--speed 600"    make tour OUT=build/tour    make test ARGS="-k deadline -n 0"

BIN := .venv/bin
ARGS ?=
OUT ?= build/tour
WORKERS ?= 2
SEEDS ?= 500
FIRST_SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help venv runtime demo tour test check lint audit format faults bench bench-peers lock clean

help:
	@echo 'make demo    演示:本机起一个示范平台和一个坐席    (ARGS="--speed 600")'
	@echo 'make tour    把各个画面截图到 OUT                  (OUT=build/tour)'
	@echo 'make test    运行测试                              (ARGS="-k 名称")'
	@echo 'make test-postgres  只跑要 PostgreSQL 的测试(自己起临时的库)'
	@echo 'make feed    百万条变动、六个写进程:一条不漏;教科书式的游标对照着漏'
	@echo 'make check   格式、静态检查、类型、分层、依赖漏洞、测试:CI 所跑的全部'
	@echo 'make audit   锁定的依赖有没有已公布的漏洞;连不上漏洞库就照实说没有查'
	@echo 'make faults  故障清单:逐项注入故障,逐项报告是否守住  (ARGS="network --quick")'
	@echo 'make simulate 整个乡镇的模拟:断网、断电、乱钟、恢复  (SEEDS=10000 FIRST_SEED=1;重放 ARGS="--seed 7 --trace")'
	@echo 'make bench   性能基准;make bench-peers 装上对照程序(PouchDB、Anki),同一次运行里比较'
	@echo 'make format  整理格式;make lock 重新锁定依赖;make clean 清理'

venv:
	@.ci/bootstrap dev

runtime:
	@.ci/bootstrap runtime

demo: runtime
	@$(BIN)/jiban demo $(ARGS)

tour: runtime
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/jiban tour --out $(OUT) $(ARGS)

test: venv
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: test-postgres
test-postgres: venv
	@QT_QPA_PLATFORM=offscreen JIBAN_POSTGRES=required $(BIN)/python -m pytest -n $(WORKERS) -m postgres $(ARGS)

.PHONY: feed
feed: venv
	@$(BIN)/python -m tests.sync.platform.feed_load $(ARGS)

lint: venv
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint audit
	@$(MAKE) --no-print-directory test

audit: venv
	@$(BIN)/python .ci/audit.py

format: venv
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

faults: venv
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.faults $(ARGS)

bench-peers: venv
	@.ci/peers

.PHONY: simulate
simulate: venv
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first-seed $(FIRST_SEED) --workers $(WORKERS) $(ARGS)

bench: venv
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks $(ARGS)

lock:
	@.ci/lock

clean:
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
