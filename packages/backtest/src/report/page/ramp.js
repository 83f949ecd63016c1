// @ts-check
/** The classes of the diverging ramp of heat maps. */

/** Colours to each side of the middle; page.css has one class for each. */
export const STEPS = 6;

/**
 * The class of a cell. A deviation, however small, is never shown as neutral.
 * @param {number} deviation from the middle
 * @param {number} largest deviation of the grid, in size
 */
export function toRampClass(deviation, largest) {
  if (deviation === 0 || largest === 0) return 'ramp-0';
  const step = Math.min(STEPS, Math.max(1, Math.ceil((Math.abs(deviation) / largest) * STEPS)));
  return deviation > 0 ? `ramp-gain-${step}` : `ramp-loss-${step}`;
}
