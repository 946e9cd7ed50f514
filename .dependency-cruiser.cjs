// The import direction of docs/architecture.md, checked by `npm run check`.
// Each layer lists every layer that it may import; anything else is an error.
const layers = {
  'src/package': [],
  'src/numerics': [],
  'src/graph': ['src/numerics'],
  'src/data': ['src/graph'],
  'src/import': ['src/graph', 'src/numerics'],
  'src/export': ['src/graph', 'src/numerics', 'src/import'],
  'src/passes': ['src/graph', 'src/numerics'],
  'src/oracle': ['src/graph', 'src/numerics'],
  'src/kernels': ['src/graph', 'src/numerics'],
  boards: ['src/package', 'src/graph', 'src/kernels'],
  'src/plan': ['src/graph', 'src/numerics', 'src/kernels', 'boards'],
  codegen: ['src/package', 'src/graph', 'src/kernels', 'src/plan', 'boards'],
  'src/verify': [
    'src/package',
    'src/numerics',
    'src/graph',
    'src/data',
    'src/kernels',
    'src/plan',
    'src/oracle',
    'codegen',
    'boards',
  ],
  'src/quantmcu': ['src/graph', 'src/kernels', 'src/plan', 'src/verify', 'boards'],
  'src/flash': ['src/package', 'src/graph', 'src/data', 'src/verify', 'codegen', 'boards'],
  'src/quantize': [
    'src/package',
    'src/data',
    'src/graph',
    'src/numerics',
    'src/passes',
    'src/oracle',
    'src/plan',
    'src/verify',
    'codegen',
    'boards',
  ],
  'src/report': [
    'src/graph',
    'src/export',
    'src/kernels',
    'src/plan',
    'boards',
    'src/verify',
    'src/quantmcu',
    'src/quantize',
    'src/flash',
  ],
};

const rules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `direction-${layer.replace('src/', '')}`,
  comment: `${layer} may import only: ${[layer, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${layer}/` },
  to: { path: '^(src|codegen|boards)/', pathNot: [layer, ...allowed].map((l) => `^${l}/`) },
}));

module.exports = {
  forbidden: [...rules, { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } }],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
