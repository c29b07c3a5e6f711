#!/bin/sh
# A network that is cut during a job, at length: test/chaos/network.sh [seconds]. Needs root, for network namespaces.
cd "$(dirname "$0")/../.." || exit 1
export CHAOS_CUT_SECONDS="${1:-30}"
exec npm run test:e2e -- remote-agents
