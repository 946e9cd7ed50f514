/* As much of it as a module that nothing but the test calls needs. */
#pragma once

#include <jsi/jsi.h>

#include <memory>
#include <string>
#include <utility>

namespace facebook::react {

class CallInvoker {};

class TurboModule {
public:
    TurboModule(std::string name, std::shared_ptr<CallInvoker> jsInvoker)
        : name_(std::move(name)), jsInvoker_(std::move(jsInvoker))
    {
    }
    virtual ~TurboModule() = default;

protected:
    const std::string name_;
    std::shared_ptr<CallInvoker> jsInvoker_;
};

} // namespace facebook::react
