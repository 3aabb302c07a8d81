/** Place of an event in the order of its organization: the row's sequence, and the number of a change within its set. */
export type Position = { readonly sequence: number; readonly number: number };

/** Number of the place after all events of a row. */
const LAST_NUMBER = 2 ** 31 - 1;

export const START: Position = { sequence: 0, number: LAST_NUMBER };

export const afterRow = (sequence: number): Position => ({ sequence, number: LAST_NUMBER });

export const isAfter = (a: Position, b: Position): boolean =>
  a.sequence === b.sequence ? a.number > b.number : a.sequence > b.sequence;
