"use client";

const ROOT = "/api/auth";

/**
 * Posts to a route of next-auth's, with the token against forgery that it asks for. Its own client does this too,
 * in 13 kB on every page, for the sake of a session context that no page of ours reads.
 *
 * @returns where next-auth would lead; `null` when nobody answered, or something else than next-auth
 */
export async function postToNextAuth(path: string, fields: Record<string, string> = {}): Promise<URL | null> {
  try {
    const { csrfToken } = (await (await fetch(`${ROOT}/csrf`)).json()) as { csrfToken: string };
    const answer = await fetch(`${ROOT}/${path}`, {
      method: "POST",
      body: new URLSearchParams({ ...fields, csrfToken, callbackUrl: location.href, json: "true" }),
    });
    const { url } = (await answer.json()) as { url: string };
    return new URL(url, location.href);
  } catch {
    return null;
  }
}
