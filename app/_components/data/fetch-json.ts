import type { ErrorCode } from "@/lib/errors";

/** Why a read failed: the server's code, or that it couldn't be reached. Each has its sentence, `error.<code>`. */
export type FetchFailure = ErrorCode | "network";

export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchFailure;

  constructor(code: FetchFailure) {
    super(`a read failed: ${code}`);
    this.code = code;
  }
}

async function codeOf(response: Response): Promise<FetchFailure> {
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
 * @throws {FetchError}; the signal's reason when it was called off
 */
export async function fetchJson<T>(
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
    throw new FetchError("network");
  }
  if (!response.ok) throw new FetchError(await codeOf(response));
  return (await response.json()) as T;
}
