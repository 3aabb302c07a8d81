/**
 * Adds to a lock file the address of each package's archive. Ours has none, because it names no registry; npm then
 * reads the list of all versions of each package before its archive, which takes as long as the installation itself.
 *
 * @param lock the parsed `package-lock.json`
 * @param settings npm's settings, as `npm config list --json` prints them
 */
export function withArchiveAddresses(lock, settings) {
  const packages = Object.entries(lock.packages ?? {}).map(([path, entry]) => {
    const name = entry.name ?? path.split("node_modules/").at(-1);
    if (path === "" || entry.link || entry.resolved || !entry.version) return [path, entry];
    const [scope, base] = name.startsWith("@") ? name.split("/") : ["", name];
    const registry = String(settings[`${scope}:registry`] ?? settings.registry).replace(/\/$/, "");
    return [path, { ...entry, resolved: `${registry}/${name}/-/${base}-${entry.version}.tgz` }];
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}
