/** DingTalk's months are in China's time zone, whose offset has not changed since 1991. */
const CHINA_MS = 8 * 60 * 60_000;

/** Returns the month in the form `2026-11`. */
export const monthOf = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 7);

export const monthStartMs = (month: string): number => Date.parse(`${month}-01T00:00:00+08:00`);

/** Returns the end of the month, exclusive. */
export function monthEndMs(month: string): number {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return Date.UTC(year, number, 1) - CHINA_MS;
}
