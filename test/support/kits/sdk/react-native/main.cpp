/*
 * Calls MODULE as JavaScript would. Reads runs: the number of inputs, then of each its size and bytes; writes in the same way the outputs
 * of each run, or -1, the length of an error's message, and the message. Numbers are 32-bit, in the machine's order.
 */
#include <cstdio>
#include <cstdlib>

#define STRING(text) #text
#define HEADER(name) STRING(name.h)
#include HEADER(MODULE)

using namespace facebook;

namespace {

class Memory : public jsi::MutableBuffer {
public:
    explicit Memory(std::size_t size) : bytes_(size) {}
    std::size_t size() const override { return bytes_.size(); }
    std::uint8_t *data() override { return bytes_.data(); }

private:
    std::vector<std::uint8_t> bytes_;
};

bool take(std::int32_t &number) { return std::fread(&number, sizeof number, 1, stdin) == 1; }

void give(std::int32_t number) { std::fwrite(&number, sizeof number, 1, stdout); }

std::int32_t taken()
{
    std::int32_t number;
    if (!take(number))
        std::exit(1);
    return number;
}

void run(react::MODULE &module, jsi::Runtime &rt, jsi::Array inputs)
{
    try {
        const jsi::Array outputs = module.run(rt, std::move(inputs));
        give(static_cast<std::int32_t>(outputs.size(rt)));
        for (std::size_t i = 0; i < outputs.size(rt); i++) {
            const auto buffer = outputs.getValueAtIndex(rt, i).getObject(rt).getArrayBuffer(rt);
            give(static_cast<std::int32_t>(buffer.size(rt)));
            std::fwrite(buffer.data(rt), 1, buffer.size(rt), stdout);
        }
    } catch (const jsi::JSError &error) {
        const std::string message = error.what();
        give(-1);
        give(static_cast<std::int32_t>(message.size()));
        std::fwrite(message.data(), 1, message.size(), stdout);
    }
}

} // namespace

int main()
{
    jsi::Runtime rt;
    const auto module = std::make_shared<react::MODULE>(std::make_shared<react::CallInvoker>());
    for (std::int32_t count; take(count);) {
        jsi::Array inputs(rt, static_cast<std::size_t>(count));
        for (std::int32_t i = 0; i < count; i++) {
            const auto size = static_cast<std::size_t>(taken());
            auto memory = std::make_shared<Memory>(size);
            if (std::fread(memory->data(), 1, size, stdin) != size)
                return 1;
            inputs.setValueAtIndex(rt, static_cast<std::size_t>(i), jsi::ArrayBuffer(rt, std::move(memory)));
        }
        run(*module, rt, std::move(inputs));
    }
    return 0;
}
