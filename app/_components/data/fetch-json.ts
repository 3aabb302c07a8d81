import type { ErrorCode } from "@/lib/errors";

/** The server's error code, or `network`. Each has a message, `error.<code>`. */
export type FetchFailure = ErrorCode | "network";

export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchFailure;

  constructor(code: FetchFailure) {
    super(`request failed: ${code}`);
    this.code = code;
  }
}

async function codePointText(response: Response): Promise<FetchFailure> {
  try {
    return ((await response.json()) as { code: ErrorCode }).code;
  } catch {
    // The answer is not ours, for example a proxy's error page.
    return "internal";
  }
}

/**
 * Reads JSON from one of the console's own GET routes.
 *
 * @throws {FetchError}; the signal's reason when it was aborted
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
  if (!response.ok) throw new FetchError(await codePointText(response));
  return (await response.json()) as T;
}
