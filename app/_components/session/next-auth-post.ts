"use client";

const ROOT = "/api/auth";

/**
 * Posts to one of next-auth's routes, with its CSRF token. next-auth's own client does the same, but adds 13 kB to
 * every page for a session context that no page here reads.
 *
 * @returns the address that next-auth would lead to; `null` when the answer is missing or not from next-auth
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
