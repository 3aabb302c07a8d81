import { vi } from "vitest";
import { PROCESS_VALUES } from "@/lib/process-wide";

const INITIAL_ENVIRONMENT = Symbol.for("dingkeep-tests.environment");

/** The package behind it exists once per process, and has room for one instance. */
const KEPT = "db.schemaEngine";

/**
 * Makes a worker that has run other test files look new to the next one: the environment as at the start, no module of
 * ours loaded, no process-wide value. Packages stay loaded, which halves the time of the `db` project.
 *
 * Module mocks survive: a file that mocks a module for which others need the real one ends with `vi.doUnmock`.
 */
export function forgetEarlierFiles(): void {
  const shared = globalThis as unknown as Record<symbol, Record<string, unknown> | undefined>;
  const initial = (shared[INITIAL_ENVIRONMENT] ??= { ...process.env });
  for (const name of Object.keys(process.env))
    if (!(name in initial)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, initial);
  const kept = shared[PROCESS_VALUES]?.[KEPT];
  shared[PROCESS_VALUES] = kept ? { [KEPT]: kept } : {};
  vi.resetModules();
}
