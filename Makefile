# Undertone: every target sets up what it needs. `make demo` and `make test` are where to start.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
export TF_USE_LEGACY_KERAS := 1
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: setup demo test lint fix app report apk check-arm bench clean

# Create .venv, install the pinned packages, check the system libraries that Kivy needs.
setup: .venv/.done

.venv/.done: requirements.lock pyproject.toml tools/setup.sh
	PYTHON=$(PYTHON) sh tools/setup.sh

# The main job: fine-tune on the sample corpus, convert, report, and a headless run of the app that labels and learns.
demo: setup
	$(PY) -m tools.demo

# Every test, offline, in two processes.
test: setup
	$(PY) -m pytest -n 2 --dist loadfile

# Style and types.
lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m tools.results_page --check

# Repair what can be repaired automatically.
fix: setup
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) -m tools.results_page

# The app on this desktop, with the model that ships unless BUNDLE=... says otherwise.
app: setup
	$(PY) -m mobile_app $(if $(BUNDLE),--bundle $(BUNDLE))

# The quantization report of a bundle: make report BUNDLE=... DATA=... OUT=...
report: setup
	$(PY) -m quantization compare $(or $(BUNDLE),build/demo/bundle) --data $(or $(DATA),sample) --out $(or $(OUT),build/report) --overwrite

# Stage the app, let the doctor look at it, and build the APK; needs Google's SDK and NDK: docs/android.md.
apk: setup
	$(PY) -m mobile_app.packaging stage --overwrite $(if $(APP),--app $(APP)) $(if $(BUNDLE),--bundle $(BUNDLE)) $(if $(RECIPE),--recipe $(RECIPE))
	$(PY) -m mobile_app.packaging doctor
	$(PY) -m mobile_app.packaging build

# The engine on the phone's processor (64-bit Arm, emulated) and under the phone's Python; needs Debian or Ubuntu.
check-arm: setup
	$(PY) -m benchmarks.arm $(if $(BUNDLE),--bundle $(BUNDLE))
	sh tools/python314.sh

# Speed beside what else one could use, learning, and the length buckets, on this machine; writes results/. Other
# packages come into environments of their own under build/. RUN=name=folder adds a model; QUICK=1 is a short look.
bench: setup
	$(PY) -m benchmarks.speed $(if $(RUN),--run $(RUN)) $(if $(QUICK),--quick)
	$(PY) -m benchmarks.learning
	$(PY) -m benchmarks.buckets $(or $(BUNDLE),mobile_app/assets/bundle) --data $(or $(DATA),sample)

# Remove what can be made again.
clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
