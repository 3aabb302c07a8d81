type Class = abstract new (...values: never) => object;

/**
 * Makes `instanceof` hold between the copies of a class. Our server and what Next makes of each entry are bundles of
 * their own, and a `processWide` value lives in whichever made it first: what it throws is an instance of that copy.
 * A class below it that isn't shared itself is told apart as usual.
 *
 * @param name the same in every copy, and no other class's
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
