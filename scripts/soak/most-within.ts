/** The most of these moments, in milliseconds, that lie within any stretch of that length, both ends included. */
export const mostWithin = (moments: readonly number[], lengthMs: number): number =>
  Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at <= from + lengthMs).length));
