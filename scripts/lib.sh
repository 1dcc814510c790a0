# Shared by the scripts beside it; sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# Packages by what needs them, so that nobody installs a browser to build a
# server. `build` is also what docker/Dockerfile installs.
packages_of() {
  case $1 in
  build)
    printf '%s\n' g++ cmake ninja-build pkg-config ca-certificates \
      libcaf-dev libsimdjson-dev libcurl4-openssl-dev libssl-dev \
      libsodium-dev libmimalloc-dev libsqlite3-dev libhiredis-dev zlib1g-dev \
      libspdlog-dev libfmt-dev libcli11-dev libvalijson-dev
    # Debian 12 has 1.74 as its default and 1.81 beside it; newer releases
    # have a newer default.
    if [ "$(. /etc/os-release && printf %s "${VERSION_ID:-}")" = 12 ]; then
      printf '%s\n' libboost1.81-dev libboost-json1.81-dev
    else
      printf '%s\n' libboost-dev libboost-json-dev
    fi
    ;;
  standin)
    # Any Node.js from 18 on will do.
    command -v node >/dev/null 2>&1 || printf '%s\n' nodejs
    command -v npm >/dev/null 2>&1 || printf '%s\n' npm
    ;;
  tests)
    printf '%s\n' catch2 ccache chromium curl git openssl procps python3 \
      redis-tools valgrind
    ;;
  esac
}

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

# Installs the packages of the named groups that are missing.
debian_packages() {
  local group p missing=()
  for group in "$@"; do
    for p in $(packages_of "$group"); do
      dpkg-query -W -f='${Status}' "$p" 2>/dev/null |
        grep -q 'install ok installed' || missing+=("$p")
    done
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null 2>&1 || {
    say "these packages are missing, and there is no apt-get: ${missing[*]}"
    return 1
  }
  say "installing Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! {
    as_root apt-get update -qq &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    say "apt-get could not install them; its last words stand above"
    return 1
  fi
  rm -f "$log"
}

# The Node.js that the tests' package carries, else the system's.
node_binary() {
  local own
  for own in "$root"/tests/node_modules/node-linux-*/bin/node; do
    if [ -x "$own" ] && "$own" --version >/dev/null 2>&1; then
      printf '%s\n' "$own"
      return
    fi
  done
  command -v node
}

# Installs npm packages when they are missing or outdated: `standin` takes what
# the stand-in W&B needs, `tests` the test clients as well. Several may start
# at once, so one installs while the others wait.
npm_packages() {
  local wanted=$1 modules="$root/tests/node_modules" stamp omit=()
  local lock="$root/tests/package-lock.json"
  stamp="$modules/.complete-for-$wanted"
  npm_fresh() {
    local s
    for s in "$stamp" "$modules/.complete-for-tests"; do
      [ -e "$s" ] && ! [ "$lock" -nt "$s" ] && return
    done
    return 1
  }
  ! npm_fresh || return 0
  (
    flock 9
    ! npm_fresh || exit 0
    [ "$wanted" = tests ] || omit=(--omit=dev --omit=optional)
    say "installing npm packages for the $wanted"
    cd "$root/tests"
    npm ci "${omit[@]}" --no-audit --no-fund --loglevel=error >&2
    touch "$stamp"
  ) 9<"$root/tests/package.json"
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

# Configures and builds one preset, with the tests' targets or (`server`)
# without, when it isn't configured with them already; the rest are targets.
build_preset() {
  local preset=$1 tests=(-DMCP_TESTS=ON)
  if [ "$2" = server ]; then
    tests=(-DMCP_TESTS=OFF)
    [ ! -e "$root/build/$preset/build.ninja" ] || tests=()
  fi
  shift 2
  (
    cd "$root" &&
      cmake --preset "$preset" "${tests[@]}" >/dev/null &&
      cmake --build --preset "$preset" -j "$(build_jobs)" ${1:+--target "$@"}
  ) >&2
}
