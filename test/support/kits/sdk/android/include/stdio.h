/* SPDX-License-Identifier: Apache-2.0 */
/* OpenJDK's jni.h includes it, and needs nothing of it. */
