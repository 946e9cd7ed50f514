import type { Size2 } from '../../../graph/ops.js';
import type { TensorId } from '../../../graph/tensor.js';
import { Layout } from '../layout.js';
import type { Site } from '../site.js';
import { type Activation, shapeOf } from '../values.js';

/** Sizes of an image: [N, C, H, W], or [N, C, L], which is one row high. */
export interface Image extends Size2 {
  readonly rank: 1 | 2;
  readonly batch: number;
  readonly channels: number;
}

/** Errors: BL104 for other ranks. */
export function imageOf(site: Site, shape: readonly number[]): Image {
  const [batch = 0, channels = 0, ...sizes] = shape;
  if (sizes.length === 1) return { rank: 1, batch, channels, height: 1, width: sizes[0]! };
  if (sizes.length === 2) return { rank: 2, batch, channels, height: sizes[0]!, width: sizes[1]! };
  return site.fail(
    'BL104',
    `works on the shape [${shape}]`,
    'Images have one or two dimensions beside batch and channels',
  );
}

const CHANNELS_LAST = { 1: [0, 2, 1], 2: [0, 2, 3, 1] } as const;

/** The activation as NHWC. */
export function imageView(site: Site, x: Activation): TensorId {
  const { rank, batch, height, width, channels } = imageOf(site, shapeOf(x));
  return site.lowering.view(site.node, x, CHANNELS_LAST[rank], [batch, height, width, channels]);
}

/** What an operator made as NHWC, with the ONNX shape of an image. */
export function imageMade(id: TensorId, shape: readonly number[]): Activation {
  const perm = shape.length === 3 ? CHANNELS_LAST[1] : CHANNELS_LAST[2];
  return { kind: 'activation', id, layout: Layout.permuted(shape, perm), coded: null };
}

/** The ONNX shape of an image of these sizes. */
export function imageShape(
  { rank, batch }: Image,
  channels: number,
  { height, width }: Size2,
): readonly number[] {
  return rank === 1 ? [batch, channels, width] : [batch, channels, height, width];
}
