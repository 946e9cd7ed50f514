/* Where the demo's inputs come from. SPDX-License-Identifier: Apache-2.0 */

/** Largest side of an image that one draws. */
const DRAWN = 32;
/** Fewest elements of one dimension that are samples of sound. */
const SAMPLES = 2000;
const HERTZ = 16000;

const TYPES = {
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  uint4: Uint32Array,
  uint2: Uint32Array,
  binary: Uint32Array,
};

/**
 * What fits the shape of the model's input, the likeliest first; a file of the input's bytes always does. Each source has a title, and `open`,
 * which builds it within an element, calls `take` with `{ reals }` or `{ codes }`, and may return what closes it.
 * @param fed whether the model takes rows or frames, whose number may be any
 */
export function sourcesFor(inputs, fed) {
  const [tensor] = inputs;
  const bytes = { title: 'File of bytes', open: (...page) => openBytes(inputs, fed, ...page) };
  if (inputs.length > 1 || !['int8', 'uint8', 'int16', 'float32'].includes(tensor.type)) return [bytes];
  const size = imageSize(tensor.shape);
  if (size) {
    const drawn = size.channels === 1 && Math.max(size.width, size.height) <= DRAWN;
    const source = (title, open) => ({ title, open: (...page) => open({ tensor, ...size }, ...page) });
    const first = drawn ? source('Draw', openDrawing) : source('Camera', openCamera);
    return [first, source('Image file', openImage), bytes];
  }
  const isSound = !fed && tensor.length >= SAMPLES && Math.max(...tensor.shape) === tensor.length;
  return isSound ? [{ title: 'Microphone', open: (...page) => openSound(tensor, ...page) }, bytes] : [bytes];
}

/** [1, height, width, 1 or 3], where neither side is more than twice the other: else it is no picture, but features of sound for instance. */
function imageSize(shape) {
  const [batch, height, width, channels] = shape;
  if (shape.length !== 4 || batch !== 1 || ![1, 3].includes(channels)) return null;
  return Math.min(height, width) >= 8 && Math.max(height / width, width / height) <= 2 ? { height, width, channels } : null;
}

/** Pixels of 0 to 255 as the input takes them: 8 bits span them, others are 0 to 1. */
function given({ type }, pixels) {
  if (type === 'uint8') return { codes: [Uint8Array.from(pixels)] };
  if (type === 'int8') return { codes: [Int8Array.from(pixels, (pixel) => pixel - 128)] };
  return { reals: Float32Array.from(pixels, (pixel) => pixel / 255) };
}

/** The middle square of an image, or what has the input's proportions, at the input's size. */
function pixelsOf(image, imageWidth, imageHeight, { width, height, channels }) {
  const scale = Math.min(imageWidth / width, imageHeight / height);
  const [w, h] = [scale * width, scale * height];
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, (imageWidth - w) / 2, (imageHeight - h) / 2, w, h, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const at = 4 * Math.floor(i / channels);
    if (channels === 3) return data[at + (i % 3)];
    return Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
  });
}

function openDrawing({ tensor, ...size }, place, take) {
  const canvas = element('canvas', { width: 10 * size.width, height: 10 * size.height, className: 'drawing' });
  const context = canvas.getContext('2d');
  const clear = () => context.reset();
  const at = ({ offsetX, offsetY }) => [
    (offsetX / canvas.clientWidth) * canvas.width,
    (offsetY / canvas.clientHeight) * canvas.height,
  ];
  canvas.onpointerdown = (event) => {
    context.beginPath();
    context.moveTo(...at(event));
  };
  canvas.onpointermove = (event) => {
    if (event.buttons === 0) return;
    Object.assign(context, { lineWidth: canvas.width / 12, lineCap: 'round', lineJoin: 'round', strokeStyle: 'white' });
    context.lineTo(...at(event));
    context.stroke();
    take(given(tensor, pixelsOf(canvas, canvas.width, canvas.height, size)));
  };
  place.replaceChildren(canvas, element('button', { textContent: 'Clear', onclick: clear }));
}

function openImage({ tensor, ...size }, place, take, say) {
  openFile('image/*', place, say, async (file) => {
    const image = await createImageBitmap(file);
    take(given(tensor, pixelsOf(image, image.width, image.height, size)));
  });
}

function openCamera({ tensor, ...size }, place, take, say) {
  const video = element('video', { autoplay: true, muted: true, playsInline: true });
  let stream = null;
  let isOpen = true;
  const next = () => {
    if (!isOpen) return;
    if (video.videoWidth > 0) take(given(tensor, pixelsOf(video, video.videoWidth, video.videoHeight, size)));
    requestAnimationFrame(next);
  };
  const start = async () => {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.srcObject = stream;
    next();
  };
  place.replaceChildren(video, element('button', { textContent: 'Start', onclick: () => start().catch(say) }));
  return () => {
    isOpen = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
}

/** As many samples as the model takes, of 16 kHz, recorded when asked for. */
function openSound(tensor, place, take, say) {
  const record = async () => {
    say('Recording');
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const context = new AudioContext({ sampleRate: HERTZ });
    const samples = await recorded(context, stream, tensor.length);
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    const codes = () => [Int16Array.from(samples, (sample) => Math.min(32767, 32768 * sample))];
    take(tensor.type === 'int16' ? { codes: codes() } : { reals: samples });
  };
  place.replaceChildren(element('button', { textContent: 'Record', onclick: () => record().catch(say) }));
}

async function recorded(context, stream, length) {
  await context.audioWorklet.addModule(new URL('./recorder.js', import.meta.url));
  const recorder = new AudioWorkletNode(context, 'recorder', { processorOptions: { length } });
  context.createMediaStreamSource(stream).connect(recorder);
  return new Promise((resolve) => {
    recorder.port.onmessage = ({ data }) => resolve(data);
  });
}

/** The elements of all inputs as they lie in memory, one input after the other. */
function openBytes(inputs, fed, place, take, say) {
  openFile('', place, say, async (file) => {
    const buffer = await file.arrayBuffer();
    let at = 0;
    const codes = inputs.map(({ type, length }) => {
      const View = TYPES[type];
      const count = fed ? Math.floor(buffer.byteLength / View.BYTES_PER_ELEMENT) : length;
      const end = at + count * View.BYTES_PER_ELEMENT;
      const part = new View(buffer.slice(at, end));
      if (part.length < count) throw new RangeError(`the file has ${buffer.byteLength} bytes, the input more`);
      at = end;
      return part;
    });
    take({ codes });
  });
}

function openFile(accept, place, say, read) {
  const onchange = ({ target }) => read(target.files[0]).catch(say);
  place.replaceChildren(element('input', { type: 'file', accept, onchange }));
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
