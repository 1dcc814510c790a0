# Shared by the scripts beside it; sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    say "this needs root, and there is no sudo: $*"
    return 1
  fi
}

# The Node.js that the tests' package carries, else the system's.
node_binary() {
  local own
  for own in "$root"/tests/node_modules/node-linux-*/bin/node; do
    if [ -x "$own" ]; then
      printf '%s\n' "$own"
      return
    fi
  done
  command -v node
}

# Installs the tests' npm packages when they are missing or outdated.
npm_packages() {
  local modules="$root/tests/node_modules"
  if [ ! -e "$modules/.package-lock.json" ] ||
    [ "$root/tests/package-lock.json" -nt "$modules/.package-lock.json" ]; then
    say "installing the test clients (npm ci)"
    (cd "$root/tests" && npm ci --no-audit --no-fund --loglevel=error >&2)
    touch "$modules/.package-lock.json"
  fi
}

# Two jobs on two cores; fewer where memory is short (a compiler takes 1 GiB).
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)
  [ "$memory" -lt "$cores" ] && cores=$memory
  [ "$cores" -lt 1 ] && cores=1
  printf '%s\n' "$cores"
}

# Configures and builds one preset; the rest are targets.
build_preset() {
  local preset=$1
  shift
  (
    cd "$root" &&
      cmake --preset "$preset" >/dev/null &&
      cmake --build --preset "$preset" -j "$(build_jobs)" ${1:+--target "$@"}
  ) >&2
}
