# In place of the NDK's: this machine's compiler for the phone that `adb` stands for, and jni.h of OpenJDK in the folder $JNI.
set(ANDROID_NDK_MAJOR 0)
set(CMAKE_C_FLAGS_INIT "-isystem $ENV{JNI} -isystem $ENV{JNI}/linux -Wall -Wextra -Werror")
