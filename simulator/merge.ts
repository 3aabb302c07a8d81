/** A copy of `base` with the given values of `patch`; a value that is undefined counts as not given. */
export function merge<T extends object>(base: T, patch: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const merged = { ...base };
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}
