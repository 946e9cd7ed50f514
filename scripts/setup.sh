#!/usr/bin/env bash
# Installs what the tests need beside Node: C compilers, a linker, CMake, the Cortex-M and RISC-V toolchains, QEMU, a JDK (Debian, Ubuntu) and Chromium (Debian,
# as Ubuntu has it in no package; the test that needs it skips itself), ONNX's own tests of operators, and tools that write to boards.
set -euo pipefail

missing=()
need() { # need COMMAND PACKAGE...
  command -v "$1" >/dev/null 2>&1 || missing+=("${@:2}")
}
need gcc gcc libc6-dev
need clang clang
need ld.lld lld
need make make
need cmake cmake
need arm-none-eabi-gcc gcc-arm-none-eabi libnewlib-arm-none-eabi
need qemu-system-arm qemu-system-arm
need qemu-system-riscv32 qemu-system-misc
need riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
need qemu-aarch64 qemu-user
need javac default-jdk-headless
need openocd openocd
need gdb-multiarch gdb-multiarch
need dfu-util dfu-util
need st-flash stlink-tools
if grep -qs '^ID=debian' /etc/os-release; then need chromium chromium; fi
[ -d /usr/share/libonnx-testdata ] || missing+=(libonnx-testdata)

if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: everything is here"
  exit 0
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "setup: installing ${missing[*]}"
$sudo apt-get update -q
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${missing[@]}"
