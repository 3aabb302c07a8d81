import type { ErrorCode } from "@/lib/errors";

/** Why a read failed: the server's code, or that it couldn't be reached. Each has its sentence, `error.<code>`. */
export type ReadFailure = ErrorCode | "network";

export class ReadError extends Error {
  override readonly name = "ReadError";
  readonly code: ReadFailure;

  constructor(code: ReadFailure) {
    super(`a read failed: ${code}`);
    this.code = code;
  }
}

async function codeOf(response: Response): Promise<ReadFailure> {
  try {
    return ((await response.json()) as { code: ErrorCode }).code;
  } catch {
    // A proxy's page in the place of our answer.
    return "internal";
  }
}

/**
 * Asks one of the directory's own routes.
 *
 * @throws {ReadError}; the signal's reason when it was called off
 */
export async function read<T>(
  address: string,
  query: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<T> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  let response: Response;
  try {
    response = await fetch(`${address}?${new URLSearchParams(given).toString()}`, {
      headers: { accept: "application/json" },
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ReadError("network");
  }
  if (!response.ok) throw new ReadError(await codeOf(response));
  return (await response.json()) as T;
}
