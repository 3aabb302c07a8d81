/** Next drops these headers of a route's answer, so they pass Next under a prefixed name. */
const DROPPED_BY_NEXT = /^content-(?:encoding|length)$/;
const BODY_PREFIX = "x-dingkeep-body-";

export const headersPastNext = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      DROPPED_BY_NEXT.test(name) ? `${BODY_PREFIX}${name}` : name,
      value,
    ]),
  );

export const nameAfterNext = (name: string): string =>
  name.startsWith(BODY_PREFIX) ? name.slice(BODY_PREFIX.length) : name;
