import "server-only";
import { askSession } from "@/lib/db/notifications";
import { AppError } from "@/lib/errors";
import { DIRECTORY_STREAMS } from "@/lib/limits/numbers";
import { SharedSemaphore } from "@/lib/limits/shared-semaphore";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { processWide } from "@/lib/process-wide";

const open = () =>
  processWide(
    "directory.streams",
    () => new WaitingRequests({ ofKey: DIRECTORY_STREAMS.ofReader, ofAll: DIRECTORY_STREAMS.ofProcess }),
  );
const places = () => processWide("directory.streams.places", () => new SharedSemaphore(askSession));

type Reader = {
  readonly organizationId: string;
  /** The key or the person. */
  readonly id: string;
  /** Rejects when the reader has lost the permission to read. Runs before each batch. */
  readonly confirm: () => Promise<unknown>;
};

/**
 * Takes one of a reader's two places over all servers, and one of this server's eight.
 *
 * @returns a function that gives both back
 */
async function enter({ organizationId, id: reader }: Reader): Promise<() => void> {
  const leave = open().enter(organizationId, reader);
  const giveBack = await places().take(`directory-streams/${reader}`, DIRECTORY_STREAMS.ofReader);
  if (!giveBack) {
    leave();
    const retry = { retryAfterSeconds: DIRECTORY_STREAMS.retryAfterSeconds };
    throw new AppError("rate_limited", "the reader has two streams open, at another server perhaps", retry);
  }
  return () => {
    leave();
    giveBack();
  };
}

/** What is being read, with what gives its place back, which has to be called. */
export type OpenStream<Batch> = { readonly batches: AsyncGenerator<Batch>; readonly leave: () => void };

/**
 * Opens a stream of what is read in batches. The first one is read before it is given, so that what fails at once is an
 * answer of its own.
 *
 * @throws {AppError} `rate_limited` when the reader has two streams open over all servers, or its organization too many at
 *   this one; `unavailable` when this server has eight open
 * @throws what the first batch's reading throws
 */
export async function openStream<Batch>(
  reader: Reader,
  batches: AsyncGenerator<Batch>,
): Promise<OpenStream<Batch>> {
  const leave = await enter(reader);
  try {
    const first = await batches.next();
    async function* confirmed(): AsyncGenerator<Batch> {
      for (let next = first; !next.done; next = await batches.next()) {
        await reader.confirm();
        yield next.value;
      }
    }
    return { batches: confirmed(), leave };
  } catch (error) {
    leave();
    throw error;
  }
}
