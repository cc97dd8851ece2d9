# What the tools need of the machine, and how it gets there. POSIX shell, sourced by the tools beside it.

# The C libraries that Package.swift links: their Debian packages hold headers and shared objects.
libraries='libopenblas-dev liblz4-dev zlib1g-dev libyaml-dev libssl-dev'

# The data of the fashion graphs, and where its Debian package of the same words puts it.
fashion_package='dataset-fashion-mnist'
fashion_directory='/usr/share/datasets/fashion-mnist'

say() { printf '%s: %s\n' "$tool" "$*" >&2; }

# stop CODE MESSAGE…: one message, then the end. The codes are those of sysexits.h.
stop() {
  code=$1
  shift
  say "error: $*"
  exit "$code"
}

# missing PACKAGE…: prints the Debian packages among these that are not installed. About 10 ms.
missing() {
  # Without dpkg nobody can tell; the compiler will name the header that it lacks.
  command -v dpkg-query >/dev/null 2>&1 || return 0
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    case "
$installed
" in
      *"
installed $package
"*) ;;
      *) printf '%s\n' "$package" ;;
    esac
  done
}

# Whether this run has fetched the package lists.
updated=false

# need REASON PACKAGE…: installs those of the packages that are missing, without a question; says which and why.
need() {
  reason=$1
  shift
  # Word splitting is meant: names of Debian packages hold no blanks.
  # shellcheck disable=SC2046
  set -- $(missing "$@")
  [ $# -gt 0 ] || return 0

  command="apt-get install -y --no-install-recommends $*"
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 2 ]; }; then
    as_root=sudo
    command="sudo $command"
  else
    stop 69 "$* must be installed first ($reason); as root, run: apt-get update && $command"
  fi

  say "installing $* ($reason)"
  log=$(mktemp)
  # The lists may be stale or, on a fresh machine, not there; where there is no network, a mirror on disk still serves.
  if ! $updated; then
    apt_get update || say "apt-get update failed; trying with the package lists that are there"
    updated=true
  fi
  if ! apt_get install -y --no-install-recommends "$@"; then
    cat "$log" >&2
    rm -f "$log"
    stop 69 "$* could not be installed (see above); to try by hand, run: $command"
  fi
  rm -f "$log"
}

# apt_get ARGS…: apt-get as root, silent into $log, waiting for another apt-get to finish instead of failing beside it.
apt_get() {
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

# names_fashion ARG…: whether an argument is a graph file that reads the fashion images, or names their place itself.
names_fashion() {
  for argument in "$@"; do
    case $argument in
      *"$fashion_directory"*) return 0 ;;
      *.yaml | *.yml | *.json)
        if [ -f "$argument" ] && grep -qF -- "$fashion_directory" "$argument"; then return 0; fi
        ;;
    esac
  done
  return 1
}

need_fashion() {
  [ -d "$fashion_directory" ] || need "the images that the graph trains on" "$fashion_package"
}

need_swift() {
  command -v swift >/dev/null 2>&1 ||
    stop 69 "there is no 'swift' on the PATH; Swift 6.3 or newer is at https://www.swift.org/install/linux/"
}
