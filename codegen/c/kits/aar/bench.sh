#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds self-test and benchmark with the NDK, runs both on the phone or emulator that adb reaches: sh bench.sh [runs]
set -eu
runs=${1:-50}
cd "$(dirname "$0")"
: "${ANDROID_NDK_HOME:?name the folder of the NDK in ANDROID_NDK_HOME}"
abi=$(adb shell getprop ro.product.cpu.abi | tr -d '\r')
build=build/$abi
cmake -S src/main/cpp -B "$build" -DCMAKE_BUILD_TYPE=Release -DANDROID_ABI="$abi" -DANDROID_PLATFORM=android-24 \
  -DCMAKE_TOOLCHAIN_FILE="$ANDROID_NDK_HOME/build/cmake/android.toolchain.cmake" > /dev/null
cmake --build "$build" --target programs -j > /dev/null
folder=/data/local/tmp
adb push "$build/@MODEL@-selftest" "$build/@MODEL@-bench" "$folder" > /dev/null
adb shell "$folder/@MODEL@-selftest"
adb shell "$folder/@MODEL@-bench $runs"
