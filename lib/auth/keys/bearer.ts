import { AppError } from "@/lib/errors";

const BEARER = /^Bearer +(\S+)$/i;

/**
 * The key that a request brings.
 *
 * @param authorization the header, as it came
 * @throws {AppError} `unauthenticated` when there is none
 */
export function bearerOf(authorization: string | null): string {
  const presented = BEARER.exec(authorization ?? "")?.[1];
  if (presented === undefined) throw new AppError("unauthenticated", "there is no key in the request");
  return presented;
}
