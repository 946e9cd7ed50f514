/** What the choice of kernels makes small: predicted time, a mix of time and bytes, or bytes of constants and code. */
export const OBJECTIVES = ['speed', 'balanced', 'size'] as const;

export type Objective = (typeof OBJECTIVES)[number];
