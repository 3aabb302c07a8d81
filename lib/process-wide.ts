type Values = Record<string, object | undefined>;

/** Exported for tests, which replace values, and forget all of them between two files that share a process. */
export const PROCESS_VALUES = Symbol.for("dingkeep.process-values");

const shared = globalThis as unknown as Record<symbol, Values | undefined>;

/** Looked up once: code of an earlier test file that still runs keeps the values of its own file. */
const values = (shared[PROCESS_VALUES] ??= {});

/**
 * Returns one value for the whole process, made at its first use.
 *
 * Next bundles each entry apart, and our server in front of it is a bundle too, so a module-level
 * variable would exist several times: several pools, several LISTEN connections.
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  return (values[name] ??= make()) as T;
}

/** Makes the process forget a value, or use another one from now on. For tests. */
export function replaceProcessValue(name: string, value?: object): void {
  values[name] = value;
}
