#!/usr/bin/env bash
# run.sh page: types, unit tests and bundle of the page. run.sh browser: the tests in Debian's Chromium, after `page`.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
case "${1:-}" in
  page)
    cd "$here/../../../api/web"
    [ -d node_modules/vite ] || npm ci --no-audit --no-fund --loglevel=error
    npm run --silent check
    npm test --silent
    npm run --silent build -- --logLevel warn
    ;;
  browser)
    cd "$here"
    [ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund --loglevel=error
    npm test --silent
    ;;
  *)
    echo "usage: $0 page|browser" >&2
    exit 2
    ;;
esac
