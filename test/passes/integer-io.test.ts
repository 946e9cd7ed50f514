import assert from 'node:assert/strict';
import { checkGraph } from '../../src/graph/check.js';
import { BitloomError } from '../../src/graph/diagnostics.js';
import { tensorAt } from '../../src/graph/graph.js';
import { perTensor, plain } from '../../src/graph/tensor.js';
import { evaluate } from '../../src/oracle/index.js';
import { withInputType, withOutputType } from '../../src/passes/integer-io.js';
import { Sketch } from '../support/sketch.js';

describe('integer inputs and outputs', () => {
  const sketch = new Sketch();
  const real = sketch.input('real', [1, 5], plain('float32'));
  const codes = sketch.node('QUANTIZE', {}, [real], ['codes', [1, 5], perTensor('int8', 0.5, 3)]);
  const positive = sketch.node('RELU', {}, [codes], ['positive', [1, 5], perTensor('int8', 0.5, 3)]);
  const result = sketch.node('DEQUANTIZE', {}, [positive], ['result', [1, 5], plain('float32')]);
  const graph = sketch.graph(result);

  it('are the codes that the model makes of its reals', () => {
    const taking = withInputType(graph, 'int8');
    checkGraph(taking);
    assert.deepEqual(
      taking.inputs.map((id) => tensorAt(taking, id).name),
      ['real'],
    );
    const reals = Float32Array.of(-3, -0.25, 0, 1.3, 70);
    const known = evaluate(graph, [reals]);
    assert.deepEqual(evaluate(taking, [known[codes]!])[result], known[result]);
  });

  it('are the codes that the model makes reals of', () => {
    const giving = withOutputType(withInputType(graph, 'int8'), 'int8');
    checkGraph(giving);
    assert.deepEqual(
      giving.nodes.map(({ kind }) => kind),
      ['RELU'],
    );
    assert.deepEqual(
      giving.outputs.map((id) => tensorAt(giving, id).name),
      ['result'],
    );
  });

  it('are as they are where they have the type', () => {
    const taking = withInputType(graph, 'int8');
    assert.deepEqual(withInputType(taking, 'int8'), taking);
  });

  it('are refused where there are no codes of the type, which the message names', () => {
    for (const change of [withInputType, withOutputType])
      assert.throws(
        () => change(graph, 'uint8'),
        (error) =>
          error instanceof BitloomError && error.code === 'BL108' && /codes are int8/.test(error.wayOut),
      );
  });
});
