type Class = abstract new (...values: never) => object;

/**
 * Makes `instanceof` work between the copies of a class in several bundles, because a `processWide` value throws instances
 * of the bundle that created it.
 */
export function shareClass(shared: Class, name: string): void {
  const mark = Symbol.for(`dingkeep.class.${name}`);
  Object.defineProperty(shared.prototype, mark, { value: true });
  Object.defineProperty(shared, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== shared) return Function.prototype[Symbol.hasInstance].call(this as Class, value);
      return typeof value === "object" && value !== null && mark in value;
    },
  });
}
