/** Densities of common infusion solutions at 20 °C, g/ml, computed from partial volumes (± 0.002). */
const DENSITY: readonly (readonly [RegExp, number])[] = [
  [/nacl|sodium chloride|saline/i, 1.0046],
  [/ringer/i, 1.0056],
  [/glucose 5|dextrose 5/i, 1.0175],
  [/glucose 10|dextrose 10/i, 1.0345],
  [/mannitol 20/i, 1.067],
];

/** Density of a solution by its name on the order; undefined where it is not in the table. */
export function densityOfSolution(name: string): number | undefined {
  return DENSITY.find(([pattern]) => pattern.test(name))?.[1];
}
