import type { Occupant } from '../../src/plan/occupants.js';
import type { Plan } from '../../src/plan/plan.js';

/** Names of those pairs that share bytes at one time though no call and no stage lets its output overlap its input so. */
export function clashesIn(plan: Plan, occupants: readonly Occupant[]): string[] {
  return occupants.flatMap((a, i) =>
    occupants.slice(i + 1).flatMap((b) => {
      const inTime = a.first <= b.last && b.first <= a.last;
      const inSpace = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      return inTime && inSpace && !mayShare(plan, a, b) && !mayShare(plan, b, a)
        ? [`${a.name}, ${b.name}`]
        : [];
    }),
  );
}

/** Whether the plan lets `over` begin below `under`, whose bytes end in the step or stage that makes `over`, as it does. */
function mayShare({ steps, stages }: Plan, over: Occupant, under: Occupant): boolean {
  const below = under.offset - over.offset;
  const stage = stages.find(({ first, last }) => over.first === first && under.last === last);
  if (stage)
    return under.tensors.includes(stage.input) && below >= (stage.overlap ?? Number.POSITIVE_INFINITY);
  const call = steps[over.first]?.call;
  if (!call || over.first !== under.last || !call.outputs.some(({ tensor }) => over.tensors.includes(tensor)))
    return false;
  return call.inputs.every(({ tensor }, i) => {
    const distance = call.overlap[i];
    return !under.tensors.includes(tensor) || (typeof distance === 'number' && below >= distance);
  });
}
