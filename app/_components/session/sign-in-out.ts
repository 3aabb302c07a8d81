"use client";

import type { ActionState } from "@/lib/action-state";
import { loadPage } from "../navigation/load-page";

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

const SECONDS_A_MINUTE = 60;

/** What next-auth's error string stands for; our `authorize` writes it. */
function toFetchFailure(error: string): ActionState<null> {
  const [kind, seconds] = error.split(":");
  if (kind === "throttled") {
    const minutes = Math.ceil(Number(seconds) / SECONDS_A_MINUTE);
    return { status: "failed", message: { key: "auth.throttled", values: { minutes } } };
  }
  if (kind === "unavailable" || kind === "internal")
    return { status: "failed", message: { key: `error.${kind}` } };
  return { status: "failed", message: { key: "auth.wrong" } };
}

/** Signs in through next-auth's route, which sets the session's cookie. */
export async function signInWithPassword(form: FormData): Promise<ActionState<null>> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const fields = { email: text("email"), password: text("password") };
  const answer = await postToNextAuth("callback/credentials", fields);
  if (!answer) return { status: "failed", message: { key: "error.network" } };
  const error = answer.searchParams.get("error");
  return error === null ? { status: "done", data: null } : toFetchFailure(error);
}

/** Ends the session, and leaves nothing of its pages in this tab. */
export async function signOut(): Promise<void> {
  await postToNextAuth("signout");
  loadPage("/sign-in");
}
