/** Operations on lanes of float32 and float64. */
export function AddVecF32x4(to: usize, a: usize, b: usize): usize {
  store<f32>(to, load<f32>(a) + load<f32>(b));
  store<f32>(to, load<f32>(a, 4) + load<f32>(b, 4), 4);
  store<f32>(to, load<f32>(a, 8) + load<f32>(b, 8), 8);
  store<f32>(to, load<f32>(a, 12) + load<f32>(b, 12), 12);
  return to;
}

export function MulVecF32x4(to: usize, a: usize, b: usize): usize {
  store<f32>(to, load<f32>(a) * load<f32>(b));
  store<f32>(to, load<f32>(a, 4) * load<f32>(b, 4), 4);
  store<f32>(to, load<f32>(a, 8) * load<f32>(b, 8), 8);
  store<f32>(to, load<f32>(a, 12) * load<f32>(b, 12), 12);
  return to;
}

export function SubVecF32x4(to: usize, a: usize, b: usize): usize {
  store<f32>(to, load<f32>(a) - load<f32>(b));
  store<f32>(to, load<f32>(a, 4) - load<f32>(b, 4), 4);
  store<f32>(to, load<f32>(a, 8) - load<f32>(b, 8), 8);
  store<f32>(to, load<f32>(a, 12) - load<f32>(b, 12), 12);
  return to;
}

export function DivVecF32x4(to: usize, a: usize, b: usize): usize {
  store<f32>(to, load<f32>(a) / load<f32>(b));
  store<f32>(to, load<f32>(a, 4) / load<f32>(b, 4), 4);
  store<f32>(to, load<f32>(a, 8) / load<f32>(b, 8), 8);
  store<f32>(to, load<f32>(a, 12) / load<f32>(b, 12), 12);
  return to;
}

export function AddVecF64x2(to: usize, a: usize, b: usize): usize {
  store<f64>(to, load<f64>(a) + load<f64>(b));
  store<f64>(to, load<f64>(a, 8) + load<f64>(b, 8), 8);
  return to;
}

export function MulVecF64x2(to: usize, a: usize, b: usize): usize {
  store<f64>(to, load<f64>(a) * load<f64>(b));
  store<f64>(to, load<f64>(a, 8) * load<f64>(b, 8), 8);
  return to;
}

export function PMinVecF32x4(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 4) {
    const x = load<f32>(a + i);
    const y = load<f32>(b + i);
    store<f32>(to + i, y < x ? y : x);
  }
  return to;
}

export function PMaxVecF32x4(to: usize, a: usize, b: usize): usize {
  for (let i: usize = 0; i < 16; i += 4) {
    const x = load<f32>(a + i);
    const y = load<f32>(b + i);
    store<f32>(to + i, x < y ? y : x);
  }
  return to;
}

export function GeVecF32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, -<i32>(load<f32>(a) >= load<f32>(b)));
  store<i32>(to, -<i32>(load<f32>(a, 4) >= load<f32>(b, 4)), 4);
  store<i32>(to, -<i32>(load<f32>(a, 8) >= load<f32>(b, 8)), 8);
  store<i32>(to, -<i32>(load<f32>(a, 12) >= load<f32>(b, 12)), 12);
  return to;
}

export function LeVecF32x4(to: usize, a: usize, b: usize): usize {
  store<i32>(to, -<i32>(load<f32>(a) <= load<f32>(b)));
  store<i32>(to, -<i32>(load<f32>(a, 4) <= load<f32>(b, 4)), 4);
  store<i32>(to, -<i32>(load<f32>(a, 8) <= load<f32>(b, 8)), 8);
  store<i32>(to, -<i32>(load<f32>(a, 12) <= load<f32>(b, 12)), 12);
  return to;
}

export function NearestVecF32x4(to: usize, a: usize): usize {
  store<f32>(to, nearest<f32>(load<f32>(a)));
  store<f32>(to, nearest<f32>(load<f32>(a, 4)), 4);
  store<f32>(to, nearest<f32>(load<f32>(a, 8)), 8);
  store<f32>(to, nearest<f32>(load<f32>(a, 12)), 12);
  return to;
}

export function ConvertSVecI32x4ToVecF32x4(to: usize, a: usize): usize {
  store<f32>(to, <f32>load<i32>(a));
  store<f32>(to, <f32>load<i32>(a, 4), 4);
  store<f32>(to, <f32>load<i32>(a, 8), 8);
  store<f32>(to, <f32>load<i32>(a, 12), 12);
  return to;
}

export function TruncSatSVecF32x4ToVecI32x4(to: usize, a: usize): usize {
  store<i32>(to, <i32>load<f32>(a));
  store<i32>(to, <i32>load<f32>(a, 4), 4);
  store<i32>(to, <i32>load<f32>(a, 8), 8);
  store<i32>(to, <i32>load<f32>(a, 12), 12);
  return to;
}

export function ConvertLowSVecI32x4ToVecF64x2(to: usize, a: usize): usize {
  const second = <f64>load<i32>(a, 4);
  store<f64>(to, <f64>load<i32>(a));
  store<f64>(to, second, 8);
  return to;
}
