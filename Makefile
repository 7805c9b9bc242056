# Dokuei: `make help` lists what there is to make.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GO        ?= go
WEB       := viewer/web
VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GOBUILD   := CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
GOFUMPT   := $(GO) run mvdan.cc/gofumpt@v0.12.0
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
WEBSRC    := $(shell find $(WEB) -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print 2>/dev/null)
FUZZTIME  ?= 60s

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: bin/dokuei ## build, start on the embedded default with demo content (data stays in ./data)
	./bin/dokuei demo --data data

.PHONY: build
build: bin/dokuei ## the program for this machine, in bin/dokuei

.PHONY: build-all
build-all: $(WEB)/dist/index.html ## linux/amd64, linux/arm64 and windows/amd64, in bin/
	GOOS=linux GOARCH=amd64 $(GOBUILD) -o bin/dokuei-linux-amd64 ./cmd/dokuei
	GOOS=linux GOARCH=arm64 $(GOBUILD) -o bin/dokuei-linux-arm64 ./cmd/dokuei
	GOOS=windows GOARCH=amd64 $(GOBUILD) -o bin/dokuei-windows-amd64.exe ./cmd/dokuei

.PHONY: bin/dokuei
bin/dokuei: $(WEB)/dist/index.html
	$(GOBUILD) -o bin/dokuei ./cmd/dokuei

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEBSRC)
	cd $(WEB) && npm run build
	@touch $@

.PHONY: deps
deps: ## install what the tests use from Debian (says what it could not)
	@scripts/deps.sh

.PHONY: test
test: deps test-web bin/dokuei ## everything: pages, packages, and the whole path through real clients
	$(GO) test -timeout 40m ./...

.PHONY: test-web
test-web: $(WEB)/node_modules/.installed
	cd $(WEB) && npm run check && npm test

.PHONY: check
check: deps lint test-web bin/dokuei ## what CI runs: formatting, vet, staticcheck, types, tests with -race
	$(GO) test -race -timeout 60m ./...

.PHONY: lint
lint: $(WEB)/dist/index.html ## gofumpt, vet, staticcheck
	@out=$$($(GOFUMPT) -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofumpt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(STATICCHECK) ./...
	GOOS=windows $(GO) vet ./...

KEEPBENCH = $(if $(BENCH_OUT),| sed -n 's/^ *\(Benchmark\|.*_test.go:[0-9]*: \)/    \1/p' | tee -a $(BENCH_OUT)/$$(date +%F)-codecs.md)

.PHONY: bench
bench: ## one table: each codec beside the native libraries that are installed, thumbnails, a CT of 300 slices (BENCH_OUT keeps it)
	$(GO) run ./benchmarks/codecs $(if $(BENCH_OUT),-o $(BENCH_OUT))
	$(GO) test ./benchmarks -run '^$$' -bench PicturesOf300 -benchtime 1x $(KEEPBENCH)
	$(GO) test ./cmd/dokuei -run TestTwoGigabytesInBoundedMemory -v -count 1 $(KEEPBENCH)

.PHONY: bench-all
bench-all: ## benchmarks of every package
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: sbom
sbom: bin/dokuei ## what the program is made of, with licences (CycloneDX), in bin/dokuei.cdx.json
	@$(GO) run ./internal/sbom/write bin/dokuei $(WEB)/package-lock.json $(VERSION) > bin/dokuei.cdx.json
	@echo bin/dokuei.cdx.json

PROFILE ?= htj2k97
.PHONY: profile
profile: ## where the time of a codec goes (PROFILE=rle jpeg8 jpegll jpegls j2k53 j2k97 htj2k53 htj2k97 native)
	@mkdir -p bin
	$(GO) build -o bin/codecs ./benchmarks/codecs
	./bin/codecs -only $(PROFILE) -turns 40 -profile bin/$(PROFILE).pprof
	$(GO) tool pprof -top -nodecount 25 bin/codecs bin/$(PROFILE).pprof
	@echo "more: $(GO) tool pprof -http : bin/codecs bin/$(PROFILE).pprof"

CRASH_ROUNDS ?= 200
.PHONY: crash
crash: ## kill -9 at random moments of receiving, CRASH_ROUNDS (200) times on SQLite with a disk and on PostgreSQL with S3; disks, databases and stores that fail, for a minute
	OUTAGE=60s $(GO) test ./cmd/dokuei -run 'TestDiskFails|TestObjectStoreMisbehaves|GoesAway|TestStopUnderLoad' -v -count 1 -timeout 30m
	CRASH_ROUNDS=$(CRASH_ROUNDS) $(GO) test ./cmd/dokuei -run 'TestCrash$$' -v -count 1 -timeout 120m

CLAIM_RACES ?= 10000
.PHONY: claims
claims: ## readers race for CLAIM_RACES (10000) Workitems through every door; the history is checked for linearizability
	CLAIM_RACES=$(CLAIM_RACES) $(GO) test ./cmd/dokuei -run TestClaimsThroughEveryDoor -v -count 1 -timeout 120m

.PHONY: simulate
simulate: bin/dokuei ## a month of the region under three policies at 1, 1.41 and 3 times its size, of three seeds, by the example's rules too; plots in bin/plots
	for seed in 1 2 3; do ./bin/dokuei simulate --seed $$seed --plots bin/plots/$$seed || exit 1; done
	./bin/dokuei simulate --rules examples/site.yaml --plots bin/plots/example
	SIMULATE=whole $(GO) test ./router/simulate -count 1 -timeout 60m

READING_SPEED ?= $(CURDIR)/bin/speed.jsonl
.PHONY: speed
speed: bin/dokuei ## the reading page over thin lines, beside OHIF when OHIF names dist of @ohif/app; lines of JSON in READING_SPEED (READING_SLICES=1000, READING_LINES="20/20 5/50")
	READING_SPEED=$(READING_SPEED) OHIF=$(OHIF) READING_SLICES=$(READING_SLICES) READING_LINES="$(READING_LINES)" \
		$(GO) test ./cmd/dokuei -run TestReadingSpeed -v -count 1 -timeout 120m
	@cat $(READING_SPEED)

.PHONY: screenshots
screenshots: bin/dokuei ## every page in ja/en, light/dark, desktop/tablet/phone: one sheet a page in docs/screenshots (minutes)
	SCREENSHOT_SHEETS=$(CURDIR)/docs/screenshots $(GO) test ./cmd/dokuei -run TestScreenshots -v -count 1 -timeout 60m

.PHONY: year
year: ## a year of the region, 18,224 studies, through the real router and worklist
	YEAR=18224 $(GO) test ./benchmarks -run TestYear -v -count 1 -timeout 30m

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (60s) each
	@scripts/fuzz.sh $(FUZZTIME)

.PHONY: fmt
fmt: ## format the Go sources
	$(GOFUMPT) -w $$(git ls-files '*.go')

.PHONY: clean
clean: ## remove what was built (not ./data)
	rm -rf bin $(WEB)/node_modules
	cd $(WEB)/dist && find . -mindepth 1 ! -name .gitignore -delete
