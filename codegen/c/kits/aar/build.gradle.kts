/* A library module: `include(":@MODEL@")` in settings.gradle.kts, `implementation(project(":@MODEL@"))` in the app. */
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "@PACKAGE@"
    compileSdk = 35

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
        ndk {
            // Those that there is code for.
            abiFilters += file("src/main/cpp").list()!!.filter { file("src/main/cpp/$it/model.cmake").exists() }
        }
        externalNativeBuild {
            cmake {
                targets("@MODEL@")
                arguments("-DANDROID_STL=none", "-DANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES=ON")
            }
        }
    }

    externalNativeBuild {
        cmake {
            path = file("src/main/cpp/CMakeLists.txt")
        }
    }

    buildFeatures {
        prefabPublishing = true
    }

    prefab {
        create("@MODEL@") {
            headers = "src/main/cpp/include"
        }
    }
}

kotlin {
    jvmToolchain(17)
}
