require "json"

package = JSON.parse(File.read(File.join(__dir__, "package.json")))

Pod::Spec.new do |s|
  s.name = package["name"]
  s.version = package["version"]
  s.summary = package["description"]
  s.license = package["license"]
  s.homepage = package["homepage"]
  s.author = package["author"]
  s.source = { :git => package["homepage"], :tag => s.version.to_s }
  s.platforms = { :ios => min_ios_version_supported }
  s.source_files = "ios/**/*.{h,mm}", "cpp/**/*.{h,c,cpp}"
  s.private_header_files = "ios/**/*.h", "cpp/**/*.h"
  # In debug builds too.
  s.compiler_flags = "-O2"
  install_modules_dependencies(s)
end
