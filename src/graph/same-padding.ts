/**
 * Elements of padding, on both sides together, by which an output has `ceil(size / stride)` elements: what TensorFlow's SAME and ONNX's
 * SAME_UPPER and SAME_LOWER mean.
 * @param extent elements that a window reaches over, dilation included
 */
export function samePadding(size: number, extent: number, stride: number): number {
  return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
}
