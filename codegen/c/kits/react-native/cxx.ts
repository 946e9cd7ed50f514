/** The TurboModule: a C++ class for Android and iOS alike, around the C interface. */
import { tensorAt } from '../../../../src/graph/graph.js';
import type { TensorId } from '../../../../src/graph/tensor.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { fedImage, streamOf } from '../../../feed.js';
import { fileHeader } from '../../../text.js';
import { C_TYPE, namesOf, portSuffix } from '../../types.js';
import type { ModuleNames } from './names.js';
import { hasReset } from './typescript.js';

/** `Native<Name>.h`. React Native looks for the class in this namespace, by the name of the file. */
export function moduleHeader(plan: Plan, { module, spec }: ModuleNames): string {
  const { prefix, macro } = namesOf(plan.prefix);
  return `${fileHeader(plan, `Model '${prefix}' as a TurboModule`, {})}
#pragma once

#include <${spec}JSI.h>

#include <cstdint>
#include <memory>

#include "model/${prefix}.h"

namespace facebook::react {

class ${module} : public ${module}CxxSpec<${module}> {
public:
    explicit ${module}(std::shared_ptr<CallInvoker> jsInvoker);

    jsi::Array run(jsi::Runtime &rt, jsi::Array inputs);
${hasReset(plan) ? '    void reset(jsi::Runtime &rt);\n' : ''}
private:
    alignas(${macro}_ARENA_ALIGNMENT) std::uint8_t arena_[${macro}_ARENA_BYTES]{};
};

} // namespace facebook::react
`;
}

/** `Native<Name>.cpp`. */
export function moduleSource(plan: Plan, { module }: ModuleNames): string {
  const { prefix } = namesOf(plan.prefix);
  const { outputs } = plan.graph;
  const isStream = streamOf(plan) !== null;
  const copies = outputs.map((_, i) => {
    const suffix = portSuffix(i, outputs.length);
    return `    outputs.setValueAtIndex(rt, ${i}, copied(rt, ${prefix}_output${suffix}(arena_), ${outputBytes(plan, i)}));\n`;
  });
  return `${fileHeader(plan, `Model '${prefix}' as a TurboModule`, {})}
#include "${module}.h"

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace facebook::react {

namespace {

/* Memory that JavaScript owns. */
class Bytes : public jsi::MutableBuffer {
public:
    Bytes(const void *from, std::size_t size) : bytes_(size) { std::memcpy(bytes_.data(), from, size); }
    std::size_t size() const override { return bytes_.size(); }
    std::uint8_t *data() override { return bytes_.data(); }

private:
    std::vector<std::uint8_t> bytes_;
};

jsi::ArrayBuffer copied(jsi::Runtime &rt, const void *from, std::size_t size)
{
    return jsi::ArrayBuffer(rt, std::make_shared<Bytes>(from, size));
}

/* The buffer of an input: ${isStream ? 'frames of `size` bytes each' : '`size` bytes'}. */
jsi::ArrayBuffer bufferOf(jsi::Runtime &rt, const jsi::Array &inputs, std::size_t index, std::size_t size)
{
    const std::string name = "${prefix}: input " + std::to_string(index);
    if (index >= inputs.size(rt))
        throw jsi::JSError(rt, name + " is missing");
    const jsi::Value value = inputs.getValueAtIndex(rt, index);
    if (!value.isObject() || !value.getObject(rt).isArrayBuffer(rt))
        throw jsi::JSError(rt, name + " is not an ArrayBuffer");
    jsi::ArrayBuffer buffer = value.getObject(rt).getArrayBuffer(rt);
    if (${isStream ? 'buffer.size(rt) % size != 0' : 'buffer.size(rt) != size'})
        throw jsi::JSError(rt, name + " has " + std::to_string(buffer.size(rt)) + " bytes, not ${isStream ? 'a multiple of ' : ''}" + std::to_string(size));
    return buffer;
}

} // namespace

${module}::${module}(std::shared_ptr<CallInvoker> jsInvoker) : ${module}CxxSpec<${module}>(std::move(jsInvoker))
{
${hasReset(plan) ? `    ${prefix}_reset(arena_);\n` : ''}}

jsi::Array ${module}::run(jsi::Runtime &rt, jsi::Array inputs)
{
${runText(plan)}    jsi::Array outputs(rt, ${outputs.length});
${copies.join('')}    return outputs;
}
${
  hasReset(plan)
    ? `
void ${module}::reset(jsi::Runtime &)
{
    ${prefix}_reset(arena_);
}
`
    : ''
}
} // namespace facebook::react
`;
}

function outputBytes(plan: Plan, index: number): string {
  const { macro } = namesOf(plan.prefix);
  return `${macro}_OUTPUT${portSuffix(index, plan.graph.outputs.length)}_BYTES`;
}

/** From the inputs' buffers to the outputs in the arena. */
function runText(plan: Plan): string {
  const { prefix, macro } = namesOf(plan.prefix);
  const { inputs } = plan.graph;
  const fed = fedImage(plan);
  if (!fed) {
    const writes = inputs.map((_, i) => {
      const suffix = portSuffix(i, inputs.length);
      const bytes = `${macro}_INPUT${suffix}_BYTES`;
      return `    std::memcpy(${prefix}_input${suffix}(arena_), bufferOf(rt, inputs, ${i}, ${bytes}).data(rt), ${bytes});\n`;
    });
    return `${writes.join('')}    ${prefix}_run(arena_);\n`;
  }
  const type = `const ${C_TYPE[tensorAt(plan.graph, inputs[0] as TensorId).format.type]} *`;
  if (!fed.stream)
    return `    ${prefix}_run(arena_, reinterpret_cast<${type}>(bufferOf(rt, inputs, 0, ${macro}_INPUT_BYTES).data(rt)));\n`;
  return `    constexpr std::size_t frame = ${macro}_INPUT_BYTES / ${macro}_WINDOW_FRAMES;
    const jsi::ArrayBuffer frames = bufferOf(rt, inputs, 0, frame);
    const auto count = static_cast<std::int32_t>(frames.size(rt) / frame);
    if (${prefix}_push_frames(arena_, reinterpret_cast<${type}>(frames.data(rt)), count) == 0)
        return jsi::Array(rt, 0);
`;
}
