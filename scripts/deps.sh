#!/usr/bin/env bash
# Installs the programs the tests use as real clients. On Debian and Ubuntu it
# asks apt; elsewhere it names what is missing. Tests whose program is absent
# say so; with CI=true they fail instead.
set -u

# program=Debian package
wanted=(
  strace=strace storescu=dcmtk dcmsend=dcmtk storescp=dcmtk echoscu=dcmtk dsrdump=dcmtk dcmdump=dcmtk
  dciodvfy=dicom3tools
  Orthanc=orthanc
  chromium=chromium
  pdftotext=poppler-utils pdffonts=poppler-utils qpdf=qpdf
  opj_decompress=libopenjp2-tools gdcmconv=libgdcm-tools
  promtool=prometheus
  sslscan=sslscan pebble=pebble
)
missing=() packages=()
for pair in "${wanted[@]}"; do
  command -v "${pair%%=*}" >/dev/null 2>&1 || { missing+=("${pair%%=*}"); packages+=("${pair#*=}"); }
done
# The server programs of PostgreSQL lie outside the path.
command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || { missing+=("initdb"); packages+=("postgresql"); }
# Japanese glyphs for the browser screenshots.
if command -v dpkg >/dev/null 2>&1 && ! dpkg -s fonts-noto-cjk >/dev/null 2>&1; then
  missing+=("fonts-noto-cjk") packages+=("fonts-noto-cjk")
fi
# `make check` runs the tests with -race, which wants a C compiler.
command -v gcc >/dev/null 2>&1 || { missing+=("gcc"); packages+=("gcc" "libc6-dev"); }

[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "deps: not a Debian or Ubuntu machine; please install: ${missing[*]}" >&2
  exit 0
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "deps: neither root nor sudo; please install: ${missing[*]}" >&2
    exit 0
  fi
  sudo=(sudo)
fi
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
echo "deps: installing ${packages[*]}"
# These packages start a service that listens on every address. The tests run Orthanc in
# a network namespace and of Prometheus only promtool; the services are never to start.
for service in orthanc prometheus; do
  [[ " ${packages[*]} " == *" $service "* ]] || continue
  if [ -d /run/systemd/system ]; then
    "${sudo[@]}" systemctl mask "$service.service"
  elif [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${sudo[@]}" chmod 755 /usr/sbin/policy-rc.d
    trap '"${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
  fi
done
"${sudo[@]}" apt-get update -qq || true
for p in "${packages[@]}"; do
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$p" >/dev/null ||
    echo "deps: could not install $p" >&2
done
exit 0
