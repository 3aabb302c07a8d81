/** DingTalk counts by the month as it is in China, which has had one offset since 1991. */
const CHINA_MS = 8 * 60 * 60_000;

/** The month of a moment, as `2026-11`. */
export const monthOf = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 7);

export const monthStartMs = (month: string): number => Date.parse(`${month}-01T00:00:00+08:00`);

/** The first moment after the month. */
export function monthEndMs(month: string): number {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return Date.UTC(year, number, 1) - CHINA_MS;
}
