/* Collects samples and posts them when there are enough. SPDX-License-Identifier: Apache-2.0 */
registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    constructor({ processorOptions }) {
      super();
      this.samples = new Float32Array(processorOptions.length);
      this.count = 0;
    }

    process([[channel]]) {
      if (!channel) return true;
      const part = channel.subarray(0, this.samples.length - this.count);
      this.samples.set(part, this.count);
      this.count += part.length;
      if (this.count < this.samples.length) return true;
      this.port.postMessage(this.samples);
      return false;
    }
  },
);
