type Values = Record<string, object | undefined>;

/** Exported for tests, which replace values and clear them between files that share a process. */
export const PROCESS_VALUES = Symbol.for("dingkeep.process-values");

const shared = globalThis as unknown as Record<symbol, Values | undefined>;

/** Looked up once, so that code of an earlier test file that still runs keeps its own values. */
const values = (shared[PROCESS_VALUES] ??= {});

/**
 * Returns one value for the whole process, created at its first use.
 *
 * Next bundles each entry separately, and the front server is a bundle too, so a module-level variable would exist several
 * times: several pools, several LISTEN connections.
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  return (values[name] ??= make()) as T;
}

/** Deletes or replaces a value. For tests. */
export function replaceProcessValue(name: string, value?: object): void {
  values[name] = value;
}
