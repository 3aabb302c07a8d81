import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { askSession } from "@/lib/db/notifications";
import { SharedPlaces } from "@/lib/db/shared-places";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { Waiting } from "@/lib/tokens/waiting";
import { streamDepartments } from "./read-departments";

const OF_KEY = 2;
const RETRY_AFTER_SECONDS = 5;

const open = () => processWide("directory.streams", () => new Waiting({ ofKey: OF_KEY, ofAll: 8 }));
const places = () => processWide("directory.streams.places", () => new SharedPlaces(askSession));

/** A key's two places are at all servers together, eight are at each. @returns what gives the place back */
async function enter(keyId: string): Promise<() => void> {
  const leave = open().enter(keyId);
  const giveBack = await places().take(`departments.ndjson/${keyId}`, OF_KEY);
  if (!giveBack) {
    leave();
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    throw new AppError("rate_limited", "the key has two streams open, at another server perhaps", retry);
  }
  return () => {
    leave();
    giveBack();
  };
}

/**
 * Opens a stream of an app's departments, in batches of lines. Its first batch is read before it is given, so that
 * what fails at once is an answer of its own.
 *
 * @param confirm asked before each batch; rejects when whoever reads may not any more
 * @returns with what gives its place back, which has to be called
 * @throws {AppError} `rate_limited` with two of a key open at all servers, `unavailable` with eight at this one; `not_found`
 */
export async function openDepartmentsStream(
  actor: Actor<"directory.read">,
  appId: string,
  confirm: () => Promise<void>,
) {
  const leave = await enter(actor.keyId ?? "");
  const batches = streamDepartments(actor, appId);
  try {
    const first = await batches.next();
    async function* lines(): AsyncGenerator<readonly unknown[]> {
      for (let next = first; !next.done; next = await batches.next()) {
        await confirm();
        yield "end" in next.value ? [next.value] : next.value;
      }
    }
    return { batches: lines(), leave };
  } catch (error) {
    leave();
    throw error;
  }
}
