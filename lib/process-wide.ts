/**
 * One value for the whole process, made at its first use.
 *
 * Next bundles each entry apart, and our server in front of it is a bundle too, so a module-level
 * variable would exist several times: several pools, several LISTEN connections.
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`dingkeep.${name}`);
  const held = globalThis as unknown as Record<symbol, T | undefined>;
  return (held[key] ??= make());
}
