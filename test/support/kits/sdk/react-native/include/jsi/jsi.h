/* As much of React Native's JSI as the kit uses, without an engine: values are shared pointers. */
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace facebook::jsi {

class Runtime {};

class JSError : public std::runtime_error {
public:
    JSError(Runtime &, const std::string &message) : std::runtime_error(message) {}
};

class MutableBuffer {
public:
    virtual ~MutableBuffer() = default;
    virtual std::size_t size() const = 0;
    virtual std::uint8_t *data() = 0;
};

class Value;
class ArrayBuffer;

class Object {
public:
    Object(Object &&) = default;
    Object &operator=(Object &&) = default;
    bool isArrayBuffer(Runtime &) const { return state_->buffer != nullptr; }
    ArrayBuffer getArrayBuffer(Runtime &) const;

protected:
    friend class Value;
    struct State {
        std::shared_ptr<MutableBuffer> buffer;
        std::vector<Value> elements;
    };
    explicit Object(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

class Value {
public:
    Value() = default;
    Value(Value &&) = default;
    Value &operator=(Value &&) = default;
    Value(Object &&object) : state_(std::move(object.state_)) {}
    bool isObject() const { return state_ != nullptr; }
    Object getObject(Runtime &) const { return Object(state_); }

private:
    friend class Array;
    std::shared_ptr<Object::State> state_;
};

class ArrayBuffer : public Object {
public:
    ArrayBuffer(Runtime &, std::shared_ptr<MutableBuffer> buffer) : Object(std::make_shared<State>())
    {
        state_->buffer = std::move(buffer);
    }
    std::size_t size(Runtime &) const { return state_->buffer->size(); }
    std::uint8_t *data(Runtime &) const { return state_->buffer->data(); }

private:
    friend class Object;
    explicit ArrayBuffer(std::shared_ptr<State> state) : Object(std::move(state)) {}
};

inline ArrayBuffer Object::getArrayBuffer(Runtime &) const { return ArrayBuffer(state_); }

class Array : public Object {
public:
    Array(Runtime &, std::size_t length) : Object(std::make_shared<State>()) { state_->elements.resize(length); }
    std::size_t size(Runtime &) const { return state_->elements.size(); }
    void setValueAtIndex(Runtime &, std::size_t index, Value value) { state_->elements.at(index) = std::move(value); }
    Value getValueAtIndex(Runtime &, std::size_t index) const
    {
        Value value;
        value.state_ = state_->elements.at(index).state_;
        return value;
    }
};

} // namespace facebook::jsi
