type Parameters = Readonly<Record<string, string | null | undefined>>;

/** Returns an address with those of the parameters that have a value. */
export function addressOf(path: string, parameters: Parameters): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
}
