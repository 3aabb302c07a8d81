/** Rows of one statement: some megabytes at most, however large the directory. */
export const ROWS_PER_STATEMENT = 5_000;

export function* chunks<T>(items: readonly T[], size: number = ROWS_PER_STATEMENT): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
