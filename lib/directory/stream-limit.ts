import "server-only";
import { queryListeningSession } from "@/lib/db/notifications";
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
const places = () =>
  processWide("directory.streams.places", () => new SharedSemaphore(queryListeningSession));

type Reader = {
  readonly organizationId: string;
  readonly id: string;
  /** Rejects when the reader has lost the permission to read. Runs before each batch. */
  readonly confirm: () => Promise<unknown>;
};

/** Takes one of a reader's two places on all servers, and one of this server's eight. */
async function enter({ organizationId, id: reader }: Reader): Promise<() => void> {
  const release = open().enter(organizationId, reader);
  const giveBack = await places().take(`directory-streams/${reader}`, DIRECTORY_STREAMS.ofReader);
  if (!giveBack) {
    release();
    const retry = { retryAfterSeconds: DIRECTORY_STREAMS.retryAfterSeconds };
    throw new AppError("rate_limited", "the reader has two open streams, possibly on another server", retry);
  }
  return () => {
    release();
    giveBack();
  };
}

/** A stream of batches. The caller must call `release` at the end, which releases the reader's place. */
export type OpenStream<Batch> = { readonly batches: AsyncGenerator<Batch>; readonly release: () => void };

/**
 * Opens a stream of batches. Reads the first batch before it returns, so that an early failure gets a status.
 * @throws {AppError} `rate_limited` for too many streams of the reader or organization; `unavailable` when this server
 *   has eight
 * @throws errors of reading the first batch
 */
export async function openStream<Batch>(
  reader: Reader,
  batches: AsyncGenerator<Batch>,
): Promise<OpenStream<Batch>> {
  const release = await enter(reader);
  try {
    const first = await batches.next();
    async function* confirmed(): AsyncGenerator<Batch> {
      for (let next = first; !next.done; next = await batches.next()) {
        await reader.confirm();
        yield next.value;
      }
    }
    return { batches: confirmed(), release };
  } catch (error) {
    release();
    throw error;
  }
}
