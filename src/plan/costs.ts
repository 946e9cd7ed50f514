/** Written by `npm run bench:fit`. */
export const COSTS: Record<string, Record<string, { instructions: number[]; cycles: number[] }>> = {
  'Cortex-M0+': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 1.342] },
    add_s8: {
      instructions: [12.16, 0.01884, 24.03, 0, 2.678e-15, 0.000006351],
      cycles: [28.86, 0.04136, 29.03, 1.343e-14, 1.62e-16, 0.00001505],
    },
    average_pool_s8: {
      instructions: [227.8, 5.198e-14, 0, 15.21, 5.678, 0],
      cycles: [243.9, 4.487e-14, 0, 17.79, 7.607, 0],
    },
    conv_2d_pairs_point_s8: {
      instructions: [98.9, 0, 46.67, 1.809e-13, 2.536, 0],
      cycles: [432, 0, 60.7, 1.743e-17, 3.36, 0],
    },
    conv_2d_pairs_s8: {
      instructions: [0, 108, 0, 1.501, 0.5144, 0.9016],
      cycles: [0, 157.2, 0, 1.496, 0.6949, 1.202],
    },
    conv_2d_rows_point_s8: {
      instructions: [0, 0, 0, 0, 0.5872, 0.87],
      cycles: [10.24, 0, 0, 0, 0.797, 1.176],
    },
    conv_2d_rows_s8: {
      instructions: [0, 175.1, 0, 2.647, 0.105, 0.9872],
      cycles: [0, 314.4, 0, 0, 0.1624, 1.351],
    },
    depthwise_conv_2d_armv6m_s8: {
      instructions: [97.45, 0, 8.089, 0, 2.246, 0.73],
      cycles: [324.1, 0, 5.847, 0, 3.26, 1.03],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.343], cycles: [0, 0, 0, 0, 0, 1.84] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 3.102], cycles: [0, 0, 0, 0, 0, 3.531] },
  },
  'Cortex-M3': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 1.699] },
    add_s8: {
      instructions: [7.718, 0.06205, 13, 2.186e-15, 0, 0.00000403],
      cycles: [15.51, 0.0636, 16, 0, 0, 0.000008088],
    },
    average_pool_s8: {
      instructions: [6.481, 2.153e-14, 13.44, 4.001, 4.987, 0.002572],
      cycles: [22.86, 5.813e-14, 12.64, 5.004, 7.944, 0.002772],
    },
    conv_2d_s8: {
      instructions: [0, 0, 16.61, 3.248, 1.797, 0.3396],
      cycles: [0, 0, 35.49, 1.432, 4.343, 0.1693],
    },
    depthwise_conv_2d_s8: {
      instructions: [2784, 0, 0, 0, 1.663, 0.8612],
      cycles: [3297, 0, 0, 0, 2.737, 1.192],
    },
    fully_connected_s8: {
      instructions: [0, 0, 19.84, 3.153e-14, 2.132, 0.1622],
      cycles: [0, 0, 36.3, 1.521e-14, 4.717, 0],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.264], cycles: [0, 0, 0, 0, 0, 1.759] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 1.271], cycles: [0, 0, 0, 0, 0, 1.774] },
  },
  'Cortex-M4F': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 1.392] },
    add_s8: {
      instructions: [7.718, 0.06205, 13, 2.186e-15, 0, 0.00000403],
      cycles: [15.51, 0.0636, 16, 0, 0, 0.000008088],
    },
    average_pool_s8: {
      instructions: [6.481, 2.153e-14, 13.44, 4.001, 4.987, 0.002572],
      cycles: [5.919, 1.362e-14, 15.14, 4.123, 7.978, 0.003275],
    },
    conv_2d_s8: {
      instructions: [0, 0, 13.61, 3.776, 1.717, 0.3633],
      cycles: [0, 0, 25.02, 3.22, 3.187, 0.2466],
    },
    depthwise_conv_2d_s8: { instructions: [2534, 0, 0, 0, 1.5, 0.8812], cycles: [3303, 0, 0, 0, 1.85, 1.15] },
    fully_connected_s8: {
      instructions: [0, 0, 20.97, 4.054e-14, 2.028, 0.1812],
      cycles: [3.859, 9.478e-15, 32.44, 1.455e-13, 3.531, 0.03414],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.264], cycles: [0, 0, 0, 0, 0, 1.759] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 1.271], cycles: [0, 0, 0, 0, 0, 1.645] },
  },
  'Cortex-M7': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 0.7996] },
    add_s8: {
      instructions: [9.033, 0.03813, 12, 2.388e-15, 1.262e-16, 0.000004715],
      cycles: [10.36, 0.02401, 9, 5.794e-15, 0, 0.000005398],
    },
    average_pool_s8: {
      instructions: [6.465, 7.695e-15, 13.43, 4.005, 4.986, 0.00257],
      cycles: [6.274, 1.906e-15, 7.85, 3.043, 3.99, 0.00162],
    },
    conv_2d_s8: { instructions: [0, 0, 12.04, 3.575, 1.554, 0.4258], cycles: [0, 0, 23.01, 0, 2.18, 0] },
    depthwise_conv_2d_s8: {
      instructions: [2647, 0, 0, 0, 1.248, 0.8931],
      cycles: [1665, 0, 0, 0, 0.7066, 0.5885],
    },
    fully_connected_s8: {
      instructions: [0, 0, 20.97, 3.552e-14, 2.027, 0.1814],
      cycles: [0, 0, 25.18, 2.131e-14, 2.225, 0],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.264], cycles: [0, 0, 0, 0, 0, 0.9026] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 1.301], cycles: [0, 0, 0, 0, 0, 1.108] },
  },
  'Cortex-M33': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 1.382] },
    add_s8: {
      instructions: [7.718, 0.06205, 13, 2.186e-15, 0, 0.00000403],
      cycles: [15.51, 0.0636, 16, 0, 0, 0.000008088],
    },
    average_pool_s8: {
      instructions: [6.481, 2.153e-14, 13.44, 4.001, 4.987, 0.002572],
      cycles: [5.919, 1.362e-14, 15.14, 4.123, 7.978, 0.003275],
    },
    conv_2d_s8: {
      instructions: [0, 0, 15.62, 3.688, 1.78, 0.3435],
      cycles: [0, 0, 31.14, 2.502, 3.347, 0.1623],
    },
    depthwise_conv_2d_s8: {
      instructions: [2809, 0, 0, 0, 1.671, 0.8603],
      cycles: [3560, 0, 0, 0, 1.995, 1.134],
    },
    fully_connected_s8: {
      instructions: [0, 0, 21.32, 9.31e-14, 2.024, 0.1817],
      cycles: [2.854, 5.328e-14, 33.94, 1.225e-13, 3.51, 0.03734],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.264], cycles: [0, 0, 0, 0, 0, 1.759] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 1.271], cycles: [0, 0, 0, 0, 0, 1.643] },
  },
  'Cortex-M55': {
    '*': { instructions: [0, 0, 0, 0, 0, 1], cycles: [0, 0, 0, 0, 0, 1.258] },
    add_s8: {
      instructions: [8.718, 0.06205, 12, 1.834e-16, 1.661e-16, 0.00000455],
      cycles: [16.51, 0.0636, 13, 4.425e-15, 0, 0.000008598],
    },
    average_pool_s8: {
      instructions: [3.263, 6.006e-15, 16.63, 5.735, 3.998, 0.002475],
      cycles: [13.38, 4.183e-14, 16.67, 5.717, 4.997, 0.002848],
    },
    conv_2d_s8: {
      instructions: [0, 0, 11.68, 9.505, 1.829, 0.2992],
      cycles: [0, 33.05, 28.63, 6.794, 3.394, 0],
    },
    depthwise_conv_2d_s8: {
      instructions: [1453, 0, 0, 0, 1.013, 0.9375],
      cycles: [1517, 0, 0, 0, 0.804, 1.073],
    },
    fully_connected_s8: {
      instructions: [0, 0, 22.53, 6.241e-14, 2.022, 0.182],
      cycles: [0, 0, 41.53, 3.917e-14, 3.211, 0],
    },
    max_pool_s8: { instructions: [0, 0, 0, 0, 0, 1.14], cycles: [0, 0, 0, 0, 0, 1.307] },
    softmax_s8: { instructions: [0, 0, 0, 0, 0, 1.305], cycles: [0, 0, 0, 0, 0, 1.623] },
  },
};
