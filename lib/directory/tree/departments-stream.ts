import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { processWide } from "@/lib/process-wide";
import { Waiting } from "@/lib/tokens/waiting";
import { streamDepartments } from "./read-departments";

const open = () => processWide("directory.streams", () => new Waiting({ ofKey: 2, ofAll: 8 }));

/**
 * Opens a stream of an app's departments, in batches of lines. Its first batch is read before it is given, so that
 * what fails at once is an answer of its own.
 *
 * @param confirm asked before each batch; rejects when whoever reads may not any more
 * @returns with what gives its place back, which has to be called
 * @throws {AppError} `rate_limited` with two of a key open, `unavailable` with eight at this server; `not_found`
 */
export async function openDepartmentsStream(
  actor: Actor<"directory.read">,
  appId: string,
  confirm: () => Promise<void>,
) {
  const leave = open().enter(actor.keyId ?? "");
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
