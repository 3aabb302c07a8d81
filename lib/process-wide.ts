type Values = Record<string, object | undefined>;

/** For tests, which clear the values between files. */
export const PROCESS_VALUES = Symbol.for("dingkeep.process-values");

const shared = globalThis as unknown as Record<symbol, Values | undefined>;

/** Read once, so that code of an earlier test file that still runs keeps its own values. */
const values = (shared[PROCESS_VALUES] ??= {});

/** Returns one value for the whole process. Next and the front server are separate bundles with separate modules. */
export function processWide<T extends object>(name: string, make: () => T): T {
  return (values[name] ??= make()) as T;
}

export function replaceProcessValue(name: string, value?: object): void {
  values[name] = value;
}
