# SPDX-License-Identifier: Apache-2.0
.PHONY: all test test-shared check bench needs fuzz attack release
all: check

# What the tests need beside Go: Debian's packages and one npm module.
needs:
	test/needs

# Everything a stranger can run: the same tests on both databases with the race
# detector, the walks in a browser, the checks of the papers.
test: needs check
	go test -race -tags walk -timeout 30m ./...
	test/with-postgres go test -race -timeout 30m ./...

# Tests against data that is not part of the project.
test-shared:
	go test -tags shared -timeout 20m ./internal/calendar ./internal/procedure ./internal/search ./internal/province

check:
	@test -z "$$(gofmt -l cmd demo e2e internal test tool)" || { gofmt -l cmd demo e2e internal test tool; exit 1; }
	go vet -tags walk,shared,attack ./...
	cd tool/check && go run . ../..

# Figures of speed and memory beside their limits, measured in one run.
bench:
	go run ./tool/bench

# Every Fuzz function of the tree, for FUZZTIME each, two at a time.
fuzz:
	go run ./tool/fuzz -time $${FUZZTIME:-60s}

# wapiti and sqlmap from Debian against the running demo, signed in and not.
attack:
	test/needs attack
	go test -tags walk,attack -timeout 30m ./e2e -run TestAttack

# What is handed out, into dist: the program, its list of parts (SBOM), their sums.
release:
	tool/release dist
