#!/bin/sh
# The chaos test at length: test/chaos/run.sh [rounds] [seed]
cd "$(dirname "$0")/../.." || exit 1
export CHAOS_ROUNDS="${1:-20}"
if [ -n "$2" ]; then export CHAOS_SEED="$2"; fi
exec npm run test:e2e -- chaos-
